// The "model" files of fakednn: a few settings, then what `hrt_model_exec model_info` prints.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "dnn_abi/dnn_abi.h"

namespace rdk::fakednn {

class ModelTextError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct TensorText {
  std::string name;
  int32_t input_source = 0;
  std::vector<float> scales;
  std::vector<int8_t> zero_points;
  std::vector<uint8_t> shifts;

  // Points into this object.
  hbDNNTensorProperties Properties() const;

  // Without quantisation data.
  hbDNNTensorProperties bare{};
};

struct ModelText {
  std::string name;
  std::vector<TensorText> inputs;
  std::vector<TensorText> outputs;
};

struct ModelFile {
  double core_ms = 0;
  double host_ms = 0;
  // The X5's unless said otherwise.
  std::string march = "bayes-e";
  std::vector<std::string> faults;
  std::string random_faults;
  std::vector<ModelText> models;
};

// Throws ModelTextError with the line at fault. Settings and vendor text are in README.md.
ModelFile ParseModelFile(const std::string& text);

}  // namespace rdk::fakednn
