#include "core/bpu/tensor_info.h"

#include <algorithm>

#include "core/bpu/vendor_status.h"

namespace rdk::bpu {
namespace {

// No tensor ends here; eight axes of the largest numbers would overflow beyond.
constexpr int64_t kFarBytes = int64_t{1} << 61;

constexpr int kMaxDimensions = 8;
// The S100's library gives other numbers from here on, and memory that is no tensor description gives any.
constexpr int kTypeCount = HB_DNN_TENSOR_TYPE_MAX;
constexpr int kMaxQuantiValues = 1 << 16;
constexpr int kMaxInputSidePx = 8192;
// Of the rows of NV12.
constexpr int kPitchStepBytes = 16;

constexpr const char* kTypeNames[kTypeCount] = {
    "Y",   "NV12", "NV12_SEPARATE", "YUV444", "RGB", "BGR", "S4",  "U4",  "S8", "U8",
    "F16", "S16",  "U16",           "F32",    "S32", "U32", "F64", "S64", "U64"};
constexpr int kElementBytes[kTypeCount] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 2, 4, 4, 4, 8, 8, 8};

[[noreturn]] void Refuse(const std::string& name, const std::string& what) {
  throw CodedError(ErrorCode::kBpuModel, "tensor " + name + ": " + what);
}

std::string ShapeText(const hbDNNTensorShape& shape) {
  std::string text = "[";
  for (int axis = 0; axis < shape.numDimensions && axis < kMaxDimensions; ++axis) {
    text += (axis == 0 ? "" : ", ") + std::to_string(shape.dimensionSize[axis]);
  }
  return text + "]";
}

void CheckShape(const std::string& name, const char* which, const hbDNNTensorShape& shape) {
  if (shape.numDimensions < 1 || shape.numDimensions > kMaxDimensions) {
    Refuse(name, std::to_string(shape.numDimensions) + " dimensions in its " + which +
                     " shape; expected 1 to " + std::to_string(kMaxDimensions));
  }
  for (int axis = 0; axis < shape.numDimensions; ++axis) {
    if (shape.dimensionSize[axis] < 1) {
      Refuse(name, std::string(which) + " shape " + ShapeText(shape) + "; expected sizes of at least 1");
    }
  }
}

int CheckedLength(const std::string& name, const char* what, int32_t length, const void* data) {
  if (length < 0 || length > kMaxQuantiValues || (length > 0 && data == nullptr)) {
    Refuse(name, std::to_string(length) + " " + what + "; expected 0 to " + std::to_string(kMaxQuantiValues) +
                     (data == nullptr ? " (and memory that holds them)" : ""));
  }
  return length;
}

// Only what the kind of quantisation has: of the rest nobody says that it was filled in.
void CopyQuantisation(TensorInfo& info) {
  const hbDNNTensorProperties& p = info.properties;
  if (p.quantiType == NONE) return;
  if (p.quantiType == SHIFT) {
    const int shift_count = CheckedLength(info.name, "shifts", p.shift.shiftLen, p.shift.shiftData);
    info.shifts.assign(p.shift.shiftData, p.shift.shiftData + shift_count);
    return;
  }
  if (p.quantiType != SCALE) {
    Refuse(info.name, "quantisation type " + std::to_string(p.quantiType) +
                          "; expected 0 (none), 1 (shift) or 2 (scale)");
  }
  const int scale_count = CheckedLength(info.name, "scales", p.scale.scaleLen, p.scale.scaleData);
  info.scales.assign(p.scale.scaleData, p.scale.scaleData + scale_count);
  const int zero_count = CheckedLength(info.name, "zero points", p.scale.zeroPointLen, p.scale.zeroPointData);
  info.zero_points.assign(p.scale.zeroPointData, p.scale.zeroPointData + zero_count);
}

}  // namespace

std::string TypeName(int32_t tensor_type) {
  return tensor_type >= 0 && tensor_type < kTypeCount ? kTypeNames[tensor_type]
                                                      : "type " + std::to_string(tensor_type);
}

std::string DescribeTensor(const TensorInfo& tensor) {
  return tensor.name + " " + TypeName(tensor.properties.tensorType) + " " +
         ShapeText(tensor.properties.validShape);
}

int ElementBytes(int32_t tensor_type) {
  return tensor_type >= 0 && tensor_type < kTypeCount ? kElementBytes[tensor_type] : 0;
}

TensorInfo CopyTensorInfo(const std::string& name, const hbDNNTensorProperties& properties) {
  if (properties.tensorType < 0 || properties.tensorType >= kTypeCount) {
    Refuse(name, "element type " + std::to_string(properties.tensorType) + "; expected 0 to " +
                     std::to_string(kTypeCount - 1));
  }
  const int32_t layout = properties.tensorLayout;
  if (layout != HB_DNN_LAYOUT_NHWC && layout != HB_DNN_LAYOUT_NCHW && layout != HB_DNN_LAYOUT_NONE) {
    Refuse(name, "layout " + std::to_string(layout) + "; expected 0, 2 or 255");
  }
  CheckShape(name, "valid", properties.validShape);
  CheckShape(name, "aligned", properties.alignedShape);
  if (properties.alignedByteSize <= 0) {
    Refuse(name, std::to_string(properties.alignedByteSize) + " bytes of memory; expected a positive number");
  }
  TensorInfo info;
  info.name = name;
  info.properties = properties;
  CopyQuantisation(info);
  return info;
}

InputLayout LayoutOfInput(const TensorInfo& input) {
  const hbDNNTensorProperties& p = input.properties;
  if (p.tensorType == HB_DNN_IMG_TYPE_NV12_SEPARATE) {
    Refuse(input.name,
           "input type NV12_SEPARATE (Y and UV apart) is not supported; compile the model for "
           "input_type_rt nv12, whose input is NV12 in one piece");
  }
  if (p.tensorType != HB_DNN_IMG_TYPE_NV12 && p.tensorType != HB_DNN_IMG_TYPE_RGB) {
    Refuse(input.name, "input type " + TypeName(p.tensorType) + "; expected NV12 or RGB");
  }
  const hbDNNTensorShape& valid = p.validShape;
  if (valid.numDimensions != 4 || p.alignedShape.numDimensions != 4 || valid.dimensionSize[0] != 1 ||
      valid.dimensionSize[1] != 3) {
    Refuse(input.name, "input shape " + ShapeText(valid) + "; expected one picture [1, 3, height, width]");
  }
  InputLayout layout;
  layout.form = p.tensorType == HB_DNN_IMG_TYPE_NV12 ? InputForm::kNv12 : InputForm::kRgbPlanar;
  layout.height_px = valid.dimensionSize[2];
  layout.width_px = valid.dimensionSize[3];
  // Strides of NV12 are all 0 on real models: rows are as far apart as the aligned shape says.
  layout.pitch_bytes = p.alignedShape.dimensionSize[3];
  const int aligned_height_px = p.alignedShape.dimensionSize[2];
  if (layout.width_px % 2 != 0 || layout.height_px % 2 != 0 || layout.width_px > kMaxInputSidePx ||
      layout.height_px > kMaxInputSidePx) {
    Refuse(input.name, "input of " + std::to_string(layout.width_px) + "x" +
                           std::to_string(layout.height_px) + " pixels; expected even sizes up to " +
                           std::to_string(kMaxInputSidePx));
  }
  if (layout.pitch_bytes < layout.width_px || aligned_height_px != layout.height_px) {
    Refuse(input.name, "aligned shape " + ShapeText(p.alignedShape) + " for valid shape " + ShapeText(valid) +
                           "; expected the same height and at least the width");
  }
  if (layout.form == InputForm::kNv12 && layout.pitch_bytes % kPitchStepBytes != 0) {
    Refuse(input.name, "rows of " + std::to_string(layout.pitch_bytes) + " bytes; expected a multiple of " +
                           std::to_string(kPitchStepBytes));
  }
  const int64_t plane_bytes = static_cast<int64_t>(layout.pitch_bytes) * layout.height_px;
  const int64_t needed_bytes = layout.form == InputForm::kNv12 ? plane_bytes * 3 / 2 : plane_bytes * 3;
  if (p.alignedByteSize < needed_bytes) {
    Refuse(input.name, std::to_string(p.alignedByteSize) + " bytes for rows of " +
                           std::to_string(layout.pitch_bytes) + " bytes; expected at least " +
                           std::to_string(needed_bytes));
  }
  return layout;
}

void CheckOutput(const TensorInfo& output) {
  const hbDNNTensorProperties& p = output.properties;
  const int element_bytes = ElementBytes(p.tensorType);
  if (element_bytes == 0) {
    Refuse(output.name, "output type " + TypeName(p.tensorType) + "; expected whole bytes per element");
  }
  int64_t end_bytes = element_bytes;
  for (int axis = 0; axis < p.validShape.numDimensions; ++axis) {
    if (p.stride[axis] < 1) {
      Refuse(output.name, "stride " + std::to_string(p.stride[axis]) + " on axis " + std::to_string(axis) +
                              "; expected a positive number of bytes");
    }
    const int64_t axis_bytes = static_cast<int64_t>(p.validShape.dimensionSize[axis] - 1) * p.stride[axis];
    end_bytes = std::min(kFarBytes, end_bytes + std::min(kFarBytes, axis_bytes));
  }
  if (end_bytes > p.alignedByteSize) {
    Refuse(output.name, "shape " + ShapeText(p.validShape) + " with its strides ends at byte " +
                            std::to_string(end_bytes) + " of " + std::to_string(p.alignedByteSize));
  }
}

}  // namespace rdk::bpu
