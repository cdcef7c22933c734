// hb_dnn.h and hb_dnn_status.h: models and the checks of hbDNNInfer's arguments.
#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "fakednn/faults.h"
#include "fakednn/handles.h"
#include "fakednn/tasks.h"
#include "fakednn/violations.h"

namespace fakednn {
namespace {

struct Packed {
  std::vector<std::unique_ptr<Model>> models;
  std::vector<const char*> names;
};

struct Loaded {
  std::mutex mutex;
  std::map<hbPackedDNNHandle_t, std::unique_ptr<Packed>> packed;
};

Loaded& All() {
  static Loaded& all = *new Loaded;
  return all;
}

int32_t Keep(std::vector<std::unique_ptr<Model>> models, hbPackedDNNHandle_t* handle) {
  auto packed = std::make_unique<Packed>();
  packed->models = std::move(models);
  for (const auto& model : packed->models) packed->names.push_back(model->name.c_str());
  std::lock_guard<std::mutex> lock(All().mutex);
  *handle = packed.get();
  All().packed.emplace(*handle, std::move(packed));
  return HB_DNN_SUCCESS;
}

Packed* FindPacked(hbPackedDNNHandle_t handle) {
  const auto found = All().packed.find(handle);
  return found == All().packed.end() ? nullptr : found->second.get();
}

}  // namespace

const Model* FindModel(hbDNNHandle_t handle) {
  std::lock_guard<std::mutex> lock(All().mutex);
  for (const auto& [key, packed] : All().packed) {
    for (const auto& model : packed->models) {
      if (model.get() == handle) return model.get();
    }
  }
  return nullptr;
}

const Tensor* FindTensor(const std::vector<Tensor>& tensors, int32_t index) {
  return index >= 0 && static_cast<size_t>(index) < tensors.size() ? &tensors[index] : nullptr;
}

}  // namespace fakednn

using namespace fakednn;

const char* hbDNNGetVersion() { return "1.24.5_(3.15.55 HBRT) rdk-yolo-seg stand-in, no BPU"; }

int32_t hbDNNInitializeFromFiles(hbPackedDNNHandle_t* packed, const char** files, int32_t count) {
  int32_t fault = 0;
  if (Faults::Instance().Next("load", fault)) return fault;
  if (!packed || !files || count <= 0) return HB_DNN_INVALID_ARGUMENT;
  std::vector<std::unique_ptr<Model>> models;
  for (int32_t i = 0; i < count; i++) {
    if (!files[i]) return HB_DNN_INVALID_ARGUMENT;
    const int32_t status = LoadModels(files[i], models);
    if (status != HB_DNN_SUCCESS) return status;
  }
  return Keep(std::move(models), packed);
}

int32_t hbDNNInitializeFromDDR(hbPackedDNNHandle_t*, const void**, int32_t*, int32_t) {
  // Recordings lie beside a file.
  return HB_DNN_INVALID_MODEL;
}

int32_t hbDNNRelease(hbPackedDNNHandle_t handle) {
  std::lock_guard<std::mutex> lock(All().mutex);
  Packed* packed = FindPacked(handle);
  if (!packed) {
    Violate("hbDNNRelease: no such model, or released before");
    return HB_DNN_INVALID_PACKED_DNN_HANDLE;
  }
  for (const auto& model : packed->models) {
    const int tasks = CountTasksOf(*model);
    if (tasks == 0) continue;
    Violate("hbDNNRelease: model " + model->name + " has " + std::to_string(tasks) + " tasks");
    return HB_DNN_MODEL_IS_RUNNING;
  }
  All().packed.erase(handle);
  return HB_DNN_SUCCESS;
}

int32_t hbDNNGetModelNameList(const char*** names, int32_t* count, hbPackedDNNHandle_t handle) {
  std::lock_guard<std::mutex> lock(All().mutex);
  Packed* packed = FindPacked(handle);
  if (!packed) return HB_DNN_INVALID_PACKED_DNN_HANDLE;
  if (!names || !count) return HB_DNN_INVALID_ARGUMENT;
  *names = packed->names.data();
  *count = static_cast<int32_t>(packed->names.size());
  return HB_DNN_SUCCESS;
}

int32_t hbDNNGetModelHandle(hbDNNHandle_t* handle, hbPackedDNNHandle_t packed_handle, const char* name) {
  std::lock_guard<std::mutex> lock(All().mutex);
  Packed* packed = FindPacked(packed_handle);
  if (!packed) return HB_DNN_INVALID_PACKED_DNN_HANDLE;
  if (!handle || !name) return HB_DNN_INVALID_ARGUMENT;
  for (const auto& model : packed->models) {
    if (model->name != name) continue;
    *handle = model.get();
    return HB_DNN_SUCCESS;
  }
  return HB_DNN_INVALID_ARGUMENT;
}

#define FAKE_QUERIES(Kind, tensors)                                                                 \
  int32_t hbDNNGet##Kind##Count(int32_t* count, hbDNNHandle_t handle) {                             \
    const Model* model = FindModel(handle);                                                         \
    if (!model) return HB_DNN_INVALID_DNN_HANDLE;                                                   \
    if (!count) return HB_DNN_INVALID_ARGUMENT;                                                     \
    *count = static_cast<int32_t>(model->tensors.size());                                           \
    return HB_DNN_SUCCESS;                                                                          \
  }                                                                                                 \
  int32_t hbDNNGet##Kind##Name(const char** name, hbDNNHandle_t handle, int32_t index) {            \
    const Model* model = FindModel(handle);                                                         \
    if (!model) return HB_DNN_INVALID_DNN_HANDLE;                                                   \
    const Tensor* tensor = FindTensor(model->tensors, index);                                       \
    if (!name || !tensor) return HB_DNN_INVALID_ARGUMENT;                                           \
    *name = tensor->name.c_str();                                                                   \
    return HB_DNN_SUCCESS;                                                                          \
  }                                                                                                 \
  int32_t hbDNNGet##Kind##TensorProperties(hbDNNTensorProperties* properties, hbDNNHandle_t handle, \
                                           int32_t index) {                                         \
    const Model* model = FindModel(handle);                                                         \
    if (!model) return HB_DNN_INVALID_DNN_HANDLE;                                                   \
    const Tensor* tensor = FindTensor(model->tensors, index);                                       \
    if (!properties || !tensor) return HB_DNN_INVALID_ARGUMENT;                                     \
    *properties = tensor->properties;                                                               \
    return HB_DNN_SUCCESS;                                                                          \
  }

FAKE_QUERIES(Input, inputs)
FAKE_QUERIES(Output, outputs)
#undef FAKE_QUERIES

int32_t hbDNNInfer(hbDNNTaskHandle_t* task, hbDNNTensor** outputs, const hbDNNTensor* input,
                   hbDNNHandle_t handle, hbDNNInferCtrlParam* control) {
  int32_t fault = 0;
  if (Faults::Instance().Next("infer", fault)) return fault;
  const Model* model = FindModel(handle);
  if (!model) {
    Violate("hbDNNInfer: no such model, or released before");
    return HB_DNN_INVALID_DNN_HANDLE;
  }
  if (!task || !outputs || !*outputs || !input || !control) {
    Violate("hbDNNInfer: NULL where a pointer is expected");
    return HB_DNN_INVALID_ARGUMENT;
  }
  if (*task) {
    Violate("hbDNNInfer: the task handle is not NULL");
    return HB_DNN_INVALID_TASK_HANDLE;
  }
  if (control->more != 0) {
    Violate("hbDNNInfer: more = " + std::to_string(control->more) +
            "; the stand-in takes one model per task");
    return HB_DNN_INVALID_ARGUMENT;
  }
  if (control->priority < 0 || control->priority > 255 || control->bpuCoreId < 0 || control->bpuCoreId > 1) {
    Violate("hbDNNInfer: priority " + std::to_string(control->priority) + " on core " +
            std::to_string(control->bpuCoreId) + "; expected 0 to 255 on core 0 (any) or 1");
    return HB_DNN_INVALID_ARGUMENT;
  }
  return Infer(task, outputs, input, *model, *control);
}

int32_t hbDNNRoiInfer(hbDNNTaskHandle_t*, hbDNNTensor**, const hbDNNTensor*, hbDNNRoi*, int32_t,
                      hbDNNHandle_t, hbDNNInferCtrlParam*) {
  return HB_DNN_API_USE_ERROR;
}

int32_t hbDNNSetTaskDoneCb(hbDNNTaskHandle_t, void (*)(hbDNNTaskHandle_t, int32_t, void*), void*) {
  return HB_DNN_API_USE_ERROR;
}
