// hb_dnn.h: models and what they say of themselves.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "dnn_abi/dnn_abi.h"
#include "fakednn/state.h"

using namespace rdk::fakednn;

namespace {

void CheckPresent(bool are_present) {
  if (!are_present) throw Refusal{HB_DNN_INVALID_ARGUMENT};
}

const TensorText& TensorAt(const std::vector<TensorText>& tensors, int32_t index) {
  if (index < 0 || static_cast<size_t>(index) >= tensors.size()) throw Refusal{HB_DNN_INVALID_ARGUMENT};
  return tensors[static_cast<size_t>(index)];
}

void Forget(State& state, const PackedModel& packed) {
  for (void* const handle : packed.handles) state.models.erase(handle);
}

// `load(packed, index)` adds the models of one file; none stays where one fails.
template <typename Load>
void LoadAll(State& state, hbPackedDNNHandle_t* out, int32_t count, Load&& load) {
  PackedModel packed;
  try {
    for (int32_t index = 0; index < count; ++index) load(packed, index);
    state.MayFail("hbDNNInitializeFromFiles", packed.faults.get());
  } catch (...) {
    Forget(state, packed);
    throw;
  }
  *out = state.NewHandle();
  state.packed.emplace(*out, std::move(packed));
}

PackedModel& PackedOf(State& state, hbPackedDNNHandle_t handle) {
  const auto found = state.packed.find(handle);
  if (found == state.packed.end()) throw Refusal{HB_DNN_INVALID_PACKED_DNN_HANDLE};
  return found->second;
}

// `NAME.replay` beside `NAME.bin`, or nothing.
std::string RecordingOf(const std::filesystem::path& model) {
  const std::filesystem::path folder = std::filesystem::path(model).replace_extension(".replay");
  return std::filesystem::exists(folder) ? folder.string() : "";
}

using Tensors = std::vector<TensorText> ModelText::*;

int32_t GetCount(const char* call, int32_t* count, hbDNNHandle_t handle, Tensors tensors) {
  return Call(call, [&](State& state, Entry&) -> int32_t {
    const auto model = state.ModelOf(handle);
    state.MayFail(call, model->faults.get());
    CheckPresent(count != nullptr);
    *count = static_cast<int32_t>((model->text.*tensors).size());
    return HB_DNN_SUCCESS;
  });
}

int32_t GetName(const char* call, const char** name, hbDNNHandle_t handle, Tensors tensors, int32_t index) {
  return Call(call, [&](State& state, Entry&) -> int32_t {
    const auto model = state.ModelOf(handle);
    state.MayFail(call, model->faults.get());
    CheckPresent(name != nullptr);
    *name = TensorAt(model->text.*tensors, index).name.c_str();
    return HB_DNN_SUCCESS;
  });
}

int32_t GetProperties(const char* call, hbDNNTensorProperties* properties, hbDNNHandle_t handle,
                      Tensors tensors, int32_t index) {
  return Call(call, [&](State& state, Entry&) -> int32_t {
    const auto model = state.ModelOf(handle);
    state.MayFail(call, model->faults.get());
    CheckPresent(properties != nullptr);
    *properties = TensorAt(model->text.*tensors, index).Properties();
    return HB_DNN_SUCCESS;
  });
}

}  // namespace

int32_t hbDNNInitializeFromFiles(hbPackedDNNHandle_t* packed, const char** files, int32_t count) {
  constexpr char kCall[] = "hbDNNInitializeFromFiles";
  return Call(kCall, [&](State& state, Entry&) -> int32_t {
    CheckPresent(packed != nullptr && files != nullptr && count > 0);
    LoadAll(state, packed, count, [&](PackedModel& target, int32_t index) {
      const std::string path = files[index];
      std::ifstream file(path, std::ios::binary);
      std::ostringstream text;
      if (!(text << file.rdbuf())) throw Refusal{HB_DNN_CAN_NOT_OPEN_FILE};
      state.Load(target, text.str(), RecordingOf(path));
    });
    return HB_DNN_SUCCESS;
  });
}

int32_t hbDNNInitializeFromDDR(hbPackedDNNHandle_t* packed, const void** data, int32_t* lengths,
                               int32_t count) {
  return Call("hbDNNInitializeFromDDR", [&](State& state, Entry&) -> int32_t {
    CheckPresent(packed != nullptr && data != nullptr && lengths != nullptr && count > 0);
    LoadAll(state, packed, count, [&](PackedModel& target, int32_t index) {
      CheckPresent(data[index] != nullptr && lengths[index] > 0);
      state.Load(target, {static_cast<const char*>(data[index]), static_cast<size_t>(lengths[index])}, "");
    });
    return HB_DNN_SUCCESS;
  });
}

int32_t hbDNNRelease(hbPackedDNNHandle_t handle) {
  return Call("hbDNNRelease", [&](State& state, Entry&) -> int32_t {
    PackedModel& packed = PackedOf(state, handle);
    state.MayFail("hbDNNRelease", packed.faults.get());
    for (void* const model : packed.handles) {
      const char* const breach = state.device.UseOf(*state.ModelOf(model));
      if (breach == nullptr) continue;
      state.violations.Report(std::string("hbDNNRelease: ") + breach);
      return HB_DNN_MODEL_IS_RUNNING;
    }
    Forget(state, packed);
    state.packed.erase(handle);
    return HB_DNN_SUCCESS;
  });
}

int32_t hbDNNGetModelNameList(const char*** list, int32_t* count, hbPackedDNNHandle_t handle) {
  return Call("hbDNNGetModelNameList", [&](State& state, Entry&) -> int32_t {
    PackedModel& packed = PackedOf(state, handle);
    const std::optional<Fault> fault = state.NextFault("hbDNNGetModelNameList", packed.faults.get());
    if (fault.has_value() && fault->kind == Fault::Kind::kStatus) throw Refusal{fault->status};
    CheckPresent(list != nullptr && count != nullptr);
    if (fault.has_value()) std::fill(packed.names.begin(), packed.names.end(), nullptr);
    *list = packed.names.data();
    *count = static_cast<int32_t>(packed.names.size());
    return HB_DNN_SUCCESS;
  });
}

int32_t hbDNNGetModelHandle(hbDNNHandle_t* model, hbPackedDNNHandle_t handle, const char* name) {
  return Call("hbDNNGetModelHandle", [&](State& state, Entry&) -> int32_t {
    const PackedModel& packed = PackedOf(state, handle);
    state.MayFail("hbDNNGetModelHandle", packed.faults.get());
    CheckPresent(model != nullptr && name != nullptr);
    const auto found = std::find(packed.names.begin(), packed.names.end(), std::string(name));
    CheckPresent(found != packed.names.end());
    *model = packed.handles[static_cast<size_t>(found - packed.names.begin())];
    return HB_DNN_SUCCESS;
  });
}

int32_t hbDNNGetInputCount(int32_t* count, hbDNNHandle_t model) {
  return GetCount("hbDNNGetInputCount", count, model, &ModelText::inputs);
}

int32_t hbDNNGetOutputCount(int32_t* count, hbDNNHandle_t model) {
  return GetCount("hbDNNGetOutputCount", count, model, &ModelText::outputs);
}

int32_t hbDNNGetInputName(const char** name, hbDNNHandle_t model, int32_t index) {
  return GetName("hbDNNGetInputName", name, model, &ModelText::inputs, index);
}

int32_t hbDNNGetOutputName(const char** name, hbDNNHandle_t model, int32_t index) {
  return GetName("hbDNNGetOutputName", name, model, &ModelText::outputs, index);
}

int32_t hbDNNGetInputTensorProperties(hbDNNTensorProperties* properties, hbDNNHandle_t model, int32_t index) {
  return GetProperties("hbDNNGetInputTensorProperties", properties, model, &ModelText::inputs, index);
}

int32_t hbDNNGetOutputTensorProperties(hbDNNTensorProperties* properties, hbDNNHandle_t model,
                                       int32_t index) {
  return GetProperties("hbDNNGetOutputTensorProperties", properties, model, &ModelText::outputs, index);
}
