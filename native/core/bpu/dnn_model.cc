#include "core/bpu/dnn_model.h"

#include <algorithm>
#include <utility>

#include "core/bpu/vendor_status.h"

namespace rdk::bpu {
namespace {

// Ten heads and a margin: a count beyond it is no count.
constexpr int kMaxTensors = 64;

std::string Listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

void CheckCount(const char* what, int32_t count, int32_t expected_most) {
  if (count >= 1 && count <= expected_most) return;
  throw CodedError(ErrorCode::kBpuModel, "the model has " + std::to_string(count) + " " + what +
                                             "; expected " + "1 to " + std::to_string(expected_most));
}

std::string RemedyOf(const std::string& path, int32_t status) {
  if (status != HB_DNN_INVALID_MODEL && status != HB_DNN_INCOMPATIBLE_MODEL) return "";
  const size_t suffix = path.rfind('.');
  const bool is_hbm = suffix != std::string::npos && path.substr(suffix) == ".hbm";
  return std::string("; expected a model compiled for the RDK X5 (march bayes-e)") +
         (is_hbm ? "; most .hbm files are for other chips, such as the RDK S100" : "");
}

void CheckGiven(const std::string& what, const char* call, const void* given) {
  if (given == nullptr)
    throw CodedError(ErrorCode::kBpuModel, what + ": " + call + " gave nothing", {{"call", call}});
}

}  // namespace

DnnModel::DnnModel(std::shared_ptr<const DnnLibrary> library, const std::string& path,
                   const std::string& name)
    : library_(std::move(library)) {
  const char* files[] = {path.c_str()};
  static constexpr char kLoad[] = "hbDNNInitializeFromFiles";
  const int32_t loaded = (*library_)->hbDNNInitializeFromFiles(&packed_, files, 1);
  if (loaded != 0) {
    throw CallError(
        loaded == HB_DNN_OUT_OF_MEMORY ? ErrorCode::kBpuMemory : ErrorCode::kBpuModel,
        "model " + path + " cannot be loaded: " + DescribeStatus(kLoad, loaded) + RemedyOf(path, loaded),
        kLoad, loaded);
  }
  CheckGiven("model " + path, kLoad, packed_);
  try {
    ChooseModel(path, name);
    ReadTensors();
  } catch (const CodedError& error) {
    const int32_t status = Release();
    if (status == 0) throw;
    throw CodedError(error.code(), std::string(error.what()) + "; " + DescribeStatus("hbDNNRelease", status),
                     error.details());
  } catch (...) {
    Release();
    throw;
  }
}

// Only where a close gave up on a thread, or the opening failed later: nobody is left to be told.
DnnModel::~DnnModel() { Release(); }

int32_t DnnModel::Release() {
  const hbPackedDNNHandle_t released = std::exchange(packed_, nullptr);
  return released == nullptr || is_quarantined_ ? 0 : (*library_)->hbDNNRelease(released);
}

void DnnModel::ChooseModel(const std::string& path, const std::string& wanted) {
  const char** list = nullptr;
  int32_t count = 0;
  const std::string names = "names of the models in " + path;
  CheckStatus(ErrorCode::kBpuModel, names, "hbDNNGetModelNameList",
              (*library_)->hbDNNGetModelNameList(&list, &count, packed_));
  CheckCount("names", count, 1024);
  CheckGiven(names, "hbDNNGetModelNameList", static_cast<const void*>(list));
  for (int32_t index = 0; index < count; ++index) {
    CheckGiven(names, "hbDNNGetModelNameList", list[index]);
    names_.emplace_back(list[index]);
  }
  if (wanted.empty() && count > 1) {
    throw CodedError(ErrorCode::kBpuModelName, path + " holds " + std::to_string(count) + " models (" +
                                                   Listed(names_) +
                                                   "); name one of them with backend.model_name");
  }
  name_ = wanted.empty() ? names_.front() : wanted;
  if (std::find(names_.begin(), names_.end(), name_) == names_.end()) {
    throw CodedError(ErrorCode::kBpuModelName,
                     path + " has no model \"" + name_ + "\"; it holds " + Listed(names_));
  }
  CheckStatus(ErrorCode::kBpuModel, "model " + name_, "hbDNNGetModelHandle",
              (*library_)->hbDNNGetModelHandle(&handle_, packed_, name_.c_str()));
  CheckGiven("model " + name_, "hbDNNGetModelHandle", handle_);
}

TensorInfo DnnModel::ReadInput(int32_t index) const {
  const std::string what = "input " + std::to_string(index) + " of " + name_;
  const char* name = nullptr;
  hbDNNTensorProperties properties{};
  CheckStatus(ErrorCode::kBpuModel, what, "hbDNNGetInputName",
              (*library_)->hbDNNGetInputName(&name, handle_, index));
  CheckGiven(what, "hbDNNGetInputName", name);
  CheckStatus(ErrorCode::kBpuModel, what, "hbDNNGetInputTensorProperties",
              (*library_)->hbDNNGetInputTensorProperties(&properties, handle_, index));
  return CopyTensorInfo(name, properties);
}

void DnnModel::ReadTensors() {
  int32_t input_count = 0;
  CheckStatus(ErrorCode::kBpuModel, "inputs of " + name_, "hbDNNGetInputCount",
              (*library_)->hbDNNGetInputCount(&input_count, handle_));
  CheckCount("inputs", input_count, kMaxTensors);
  std::string listed;
  for (int32_t index = 0; index < input_count; ++index) {
    input_ = ReadInput(index);
    listed += (index == 0 ? "" : ", ") + DescribeTensor(input_);
  }
  if (input_count > 1) {
    throw CodedError(ErrorCode::kBpuModel,
                     name_ + " has " + std::to_string(input_count) + " inputs (" + listed +
                         "); expected one picture, NV12 or RGB: inputs apart for Y and UV are not "
                         "supported, compile the model for input_type_rt nv12");
  }
  input_layout_ = LayoutOfInput(input_);

  const char* name = nullptr;
  hbDNNTensorProperties properties{};
  int32_t output_count = 0;
  CheckStatus(ErrorCode::kBpuModel, "outputs of " + name_, "hbDNNGetOutputCount",
              (*library_)->hbDNNGetOutputCount(&output_count, handle_));
  CheckCount("outputs", output_count, kMaxTensors);
  for (int32_t index = 0; index < output_count; ++index) {
    const std::string what = "output " + std::to_string(index) + " of " + name_;
    name = nullptr;
    properties = {};
    CheckStatus(ErrorCode::kBpuModel, what, "hbDNNGetOutputName",
                (*library_)->hbDNNGetOutputName(&name, handle_, index));
    CheckGiven(what, "hbDNNGetOutputName", name);
    CheckStatus(ErrorCode::kBpuModel, what, "hbDNNGetOutputTensorProperties",
                (*library_)->hbDNNGetOutputTensorProperties(&properties, handle_, index));
    outputs_.push_back(CopyTensorInfo(name, properties));
    CheckOutput(outputs_.back());
  }
}

}  // namespace rdk::bpu
