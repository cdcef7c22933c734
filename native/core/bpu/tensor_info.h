// What a model says of a tensor, copied out of the library's memory and checked before anything relies on it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dnn_abi/dnn_abi.h"

namespace rdk::bpu {

struct TensorInfo {
  std::string name;
  // As the library gave them: the pointers inside stay the library's and are valid while the model is loaded.
  hbDNNTensorProperties properties{};
  // Copies of what they point to: scales and zero points where quantiType is SCALE, shifts where it is SHIFT.
  std::vector<float> scales;
  std::vector<int32_t> zero_points;
  std::vector<uint8_t> shifts;
};

// What a model takes: NV12, or planes R, G, B of bytes.
enum class InputForm { kNv12, kRgbPlanar };

struct InputLayout {
  InputForm form = InputForm::kNv12;
  int width_px = 0;
  int height_px = 0;
  // Bytes from one row to the next, of every plane.
  int pitch_bytes = 0;
};

// Copies and checks what holds for every tensor: known type, layout and kind of quantisation, 1 to 8
// dimensions, positive sizes.
// Throws `bpu_model` with the numbers.
TensorInfo CopyTensorInfo(const std::string& name, const hbDNNTensorProperties& properties);

// How to write the one input. Throws `bpu_model` for anything but an NV12 or planar RGB picture of even size,
// and for rows of NV12 that are no multiple of 16 bytes.
InputLayout LayoutOfInput(const TensorInfo& input);

// Checks that all elements of an output lie inside its memory. Throws `bpu_model`.
void CheckOutput(const TensorInfo& output);

// `images NV12 [1, 3, 640, 640]`
std::string DescribeTensor(const TensorInfo& tensor);

// `F32`, `NV12`, ...: the vendor's name without its prefix.
std::string TypeName(int32_t tensor_type);

// Bytes of one element; 0 for pictures and half bytes.
int ElementBytes(int32_t tensor_type);

}  // namespace rdk::bpu
