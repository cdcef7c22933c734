// hb_dnn_status.h and what little of hb_dnn_ext.h programs on the board use.
#include "dnn_abi/dnn_abi.h"
#include "fakednn/names.h"
#include "fakednn/state.h"

using namespace rdk::fakednn;

namespace {

constexpr int32_t kStringDescription = 1;

// Real models have empty descriptions.
int32_t GetDescription(const char* call, const char** text, uint32_t* size, int32_t* type,
                       hbDNNHandle_t handle) {
  return Call(call, [&](State& state, Entry&) -> int32_t {
    state.ModelOf(handle);
    if (text == nullptr || size == nullptr || type == nullptr) throw Refusal{HB_DNN_INVALID_ARGUMENT};
    *text = "";
    *size = 0;
    *type = kStringDescription;
    return HB_DNN_SUCCESS;
  });
}

}  // namespace

const char* hbDNNGetErrorDesc(int32_t status) { return StatusName(status); }

int32_t hbDNNGetInputSource(int32_t* source, hbDNNHandle_t handle, int32_t index) {
  return Call("hbDNNGetInputSource", [&](State& state, Entry&) -> int32_t {
    const auto model = state.ModelOf(handle);
    if (source == nullptr || index < 0 || static_cast<size_t>(index) >= model->text.inputs.size()) {
      throw Refusal{HB_DNN_INVALID_ARGUMENT};
    }
    *source = model->text.inputs[static_cast<size_t>(index)].input_source;
    return HB_DNN_SUCCESS;
  });
}

int32_t hbDNNGetInputDesc(const char** text, uint32_t* size, int32_t* type, hbDNNHandle_t model, int32_t) {
  return GetDescription("hbDNNGetInputDesc", text, size, type, model);
}

int32_t hbDNNGetOutputDesc(const char** text, uint32_t* size, int32_t* type, hbDNNHandle_t model, int32_t) {
  return GetDescription("hbDNNGetOutputDesc", text, size, type, model);
}

int32_t hbDNNGetModelDesc(const char** text, uint32_t* size, int32_t* type, hbDNNHandle_t model) {
  return GetDescription("hbDNNGetModelDesc", text, size, type, model);
}

int32_t hbDNNGetModelTag(const char** tag, hbDNNHandle_t handle) {
  return Call("hbDNNGetModelTag", [&](State& state, Entry&) -> int32_t {
    state.ModelOf(handle);
    if (tag == nullptr) throw Refusal{HB_DNN_INVALID_ARGUMENT};
    *tag = "";
    return HB_DNN_SUCCESS;
  });
}

int32_t hbDNNGetEstimateLatency(int32_t* latency_us, hbDNNHandle_t handle) {
  return Call("hbDNNGetEstimateLatency", [&](State& state, Entry&) -> int32_t {
    const auto model = state.ModelOf(handle);
    if (latency_us == nullptr) throw Refusal{HB_DNN_INVALID_ARGUMENT};
    *latency_us = static_cast<int32_t>((model->core_ns + model->host_ns) / 1000);
    return HB_DNN_SUCCESS;
  });
}
