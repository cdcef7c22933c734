// A loaded model: tensors from model_info text, outputs from recordings.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "dnn_abi/dnn_abi.h"

namespace fakednn {

struct Tensor {
  std::string name;
  int32_t source = 0;
  hbDNNTensorProperties properties = {};
  std::vector<float> scales;
};

struct Model {
  std::string name;
  std::string recordings;  // folder
  double core_ms = 0;
  double host_ms = 0;
  std::vector<Tensor> inputs;
  std::vector<Tensor> outputs;

  /// The outputs one after the other, each of its alignedByteSize; empty when there is no such recording.
  std::vector<uint8_t> Recorded(const std::string& hash) const;
};

/// Status of hbDNNInitializeFromFiles for one file.
int32_t LoadModels(const std::string& path, std::vector<std::unique_ptr<Model>>& models);

}  // namespace fakednn
