// From the ABI's handles to models and tensors.
#pragma once

#include "fakednn/model.h"

namespace fakednn {

/// Null for a handle that is none, or of a released model.
const Model* FindModel(hbDNNHandle_t handle);
const Tensor* FindTensor(const std::vector<Tensor>& tensors, int32_t index);

}  // namespace fakednn
