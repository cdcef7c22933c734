// One model of a compiled file.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "core/bpu/dnn_library.h"
#include "core/bpu/tensor_info.h"

namespace rdk::bpu {

class DnnModel {
 public:
  // `name` picks one of several models in the file; it may be empty where there is one. Throws `bpu_model`
  // or `bpu_model_name`.
  DnnModel(std::shared_ptr<const DnnLibrary> library, const std::string& path, const std::string& name);
  ~DnnModel();
  DnnModel(const DnnModel&) = delete;
  DnnModel& operator=(const DnnModel&) = delete;

  const std::string& name() const { return name_; }
  const std::vector<std::string>& names() const { return names_; }
  hbDNNHandle_t handle() const { return handle_; }
  const TensorInfo& input() const { return input_; }
  const InputLayout& input_layout() const { return input_layout_; }
  const std::vector<TensorInfo>& outputs() const { return outputs_; }

  // Gives the model back, after the last of its tasks, unless it is in quarantine; returns the vendor's
  // status. The destructor does it too.
  int32_t Release();
  // A task may use it for good. Any thread.
  void Quarantine() { is_quarantined_ = true; }

 private:
  void ChooseModel(const std::string& path, const std::string& wanted);
  void ReadTensors();
  TensorInfo ReadInput(int32_t index) const;

  const std::shared_ptr<const DnnLibrary> library_;
  hbPackedDNNHandle_t packed_ = nullptr;
  std::atomic<bool> is_quarantined_{false};
  hbDNNHandle_t handle_ = nullptr;
  std::string name_;
  std::vector<std::string> names_;
  TensorInfo input_;
  InputLayout input_layout_;
  std::vector<TensorInfo> outputs_;
};

}  // namespace rdk::bpu
