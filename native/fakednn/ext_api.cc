// hb_dnn_status.h and the cheap part of hb_dnn_ext.h.
#include <map>

#include "fakednn/handles.h"

using namespace fakednn;

namespace {

int32_t NoDescription(const char** text, uint32_t* size, int32_t* type, hbDNNHandle_t handle) {
  if (!FindModel(handle)) return HB_DNN_INVALID_DNN_HANDLE;
  if (!text || !size || !type) return HB_DNN_INVALID_ARGUMENT;
  *text = "";
  *size = 0;
  *type = 0;
  return HB_DNN_SUCCESS;
}

}  // namespace

const char* hbDNNGetErrorDesc(int32_t status) {
  static const std::map<int32_t, const char*> texts = {
      {HB_DNN_SUCCESS, "success"},
      {HB_DNN_INVALID_ARGUMENT, "invalid argument"},
      {HB_DNN_INVALID_MODEL, "invalid model"},
      {HB_DNN_MODEL_NUMBER_EXCEED_LIMIT, "too many models"},
      {HB_DNN_INVALID_PACKED_DNN_HANDLE, "invalid packed handle"},
      {HB_DNN_INVALID_DNN_HANDLE, "invalid model handle"},
      {HB_DNN_CAN_NOT_OPEN_FILE, "cannot open file"},
      {HB_DNN_OUT_OF_MEMORY, "out of memory"},
      {HB_DNN_TIMEOUT, "timeout"},
      {HB_DNN_TASK_NUM_EXCEED_LIMIT, "too many tasks"},
      {HB_DNN_TASK_BATCH_SIZE_EXCEED_LIMIT, "too large a batch"},
      {HB_DNN_INVALID_TASK_HANDLE, "invalid task handle"},
      {HB_DNN_RUN_TASK_FAILED, "task failed"},
      {HB_DNN_MODEL_IS_RUNNING, "model is running"},
      {HB_DNN_INCOMPATIBLE_MODEL, "incompatible model"},
      {HB_DNN_API_USE_ERROR, "wrong use of the interface"},
      {HB_DNN_MULTI_PROGRESS_USE_ERROR, "wrong use by several processes"},
      {HB_SYS_INVALID_ARGUMENT, "invalid argument of a memory call"},
      {HB_SYS_OUT_OF_MEMORY, "out of device memory"},
      {HB_SYS_REGISTER_MEM_FAILED, "memory not registered"}};
  const auto found = texts.find(status);
  return found == texts.end() ? "unknown status" : found->second;
}

int32_t hbDNNGetInputSource(int32_t* source, hbDNNHandle_t handle, int32_t index) {
  const Model* model = FindModel(handle);
  if (!model) return HB_DNN_INVALID_DNN_HANDLE;
  const Tensor* tensor = FindTensor(model->inputs, index);
  if (!source || !tensor) return HB_DNN_INVALID_ARGUMENT;
  *source = tensor->source;
  return HB_DNN_SUCCESS;
}

int32_t hbDNNGetInputDesc(const char** text, uint32_t* size, int32_t* type, hbDNNHandle_t model, int32_t) {
  return NoDescription(text, size, type, model);
}

int32_t hbDNNGetOutputDesc(const char** text, uint32_t* size, int32_t* type, hbDNNHandle_t model, int32_t) {
  return NoDescription(text, size, type, model);
}

int32_t hbDNNGetModelDesc(const char** text, uint32_t* size, int32_t* type, hbDNNHandle_t model) {
  return NoDescription(text, size, type, model);
}

int32_t hbDNNGetModelTag(const char** tag, hbDNNHandle_t model) {
  if (!FindModel(model)) return HB_DNN_INVALID_DNN_HANDLE;
  if (!tag) return HB_DNN_INVALID_ARGUMENT;
  *tag = "";
  return HB_DNN_SUCCESS;
}

int32_t hbDNNGetEstimateLatency(int32_t* latency, hbDNNHandle_t handle) {
  const Model* model = FindModel(handle);
  if (!model) return HB_DNN_INVALID_DNN_HANDLE;
  if (!latency) return HB_DNN_INVALID_ARGUMENT;
  *latency = static_cast<int32_t>(model->core_ms * 1000);
  return HB_DNN_SUCCESS;
}
