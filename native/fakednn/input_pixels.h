// What the device reads of an input: its valid part, wherever rows and planes lie.
#pragma once

#include <vector>

#include "dnn_abi/dnn_abi.h"
#include "fakednn/memory.h"

namespace rdk::fakednn {

bool IsNv12(int32_t tensor_type);

// Bytes from one row of an NV12 input to the next. `stride` is all zeros on real models.
int64_t PitchOf(const hbDNNTensorProperties& properties);

// Bytes of each memory of an input, by its type and aligned shape: one, or two for NV12_SEPARATE.
std::vector<size_t> InputSizes(const hbDNNTensorProperties& properties);

// Packed: NV12 as [H * 3 / 2, W], everything else in the order of its valid shape.
Bytes PackedInput(const hbDNNTensorProperties& properties, const std::vector<Range>& memory);

}  // namespace rdk::fakednn
