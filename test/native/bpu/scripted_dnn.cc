// A libdnn.so whose every call can be made to fail. Built by scriptedDnn.ts.
//
// The "model" is a text file, one instruction a line:
//   size W H               input NV12 of this size
//   pitch P                aligned width
//   rgb                    planes R, G, B instead of NV12
//   march wrong            loading succeeds, the first task fails
//   fault CALL N STATUS    the Nth call since loading answers STATUS; `N+` all from the Nth on
//   random SEED SHARE      this share of hbDNNInfer and hbDNNWaitTaskDone fails by itself, never by timeout
//   core MS                time of a task, one after the other
//   drop NAME              leaves an output out
// Memory has two views, which only hbSysFlushMem brings together. Each task writes one object into the class
// heads: its logit is 3 + Y / 1000 of the pixel in the middle of the input as the device sees it.
// hbDNNGetVersion tells what is not given back: `memory 0 tasks 0 models 0 violations 0`.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "dnn_abi/dnn_abi.h"

namespace {

constexpr int32_t kInvalidArgument = -6000001;
constexpr int32_t kInvalidModel = -6000002;
constexpr int32_t kTaskFailed = -6000012;
constexpr int kClasses = 5;

struct Fault {
  int64_t at;
  bool and_later;
  int32_t status;
};

struct Output {
  std::string name;
  int height, width, channels;
};

struct Model {
  int width = 64, height = 64, pitch = 0, core_ms = 0;
  bool is_rgb = false;
  bool is_wrong_march = false;
  double random_share = 0;
  std::mt19937 random;
  std::multimap<std::string, Fault> faults;
  std::map<std::string, int64_t> calls;
  std::vector<Output> outputs;
  std::vector<std::string> dropped;
};

struct Memory {
  std::vector<uint8_t> cpu, device;
};

struct Task {
  Model* model;
  std::vector<uint64_t> outputs;
  uint64_t input;
  bool is_waited = false;
};

std::mutex mutex;
std::mutex core;
std::map<uint64_t, std::unique_ptr<Memory>> memories;  // By physical address.
std::map<void*, std::unique_ptr<Task>> tasks;
// Kept when they are released, as names and scales of theirs may be.
std::vector<std::unique_ptr<Model>> loaded;
int models = 0;
int violations = 0;
uint64_t next_address = 4096;
const char* const names[] = {"scripted"};

// Calls that name no model belong to the one loaded last.
int32_t Answer(const char* call, Model* model = nullptr) {
  if (model == nullptr && loaded.empty()) return 0;
  Model& script = model == nullptr ? *loaded.back() : *model;
  const int64_t count = ++script.calls[call];
  const auto [first, last] = script.faults.equal_range(call);
  for (auto it = first; it != last; ++it) {
    if (it->second.at == count || (it->second.and_later && it->second.at <= count)) return it->second.status;
  }
  return 0;
}

Model* Of(void* handle) { return static_cast<Model*>(handle); }

bool Stumbles(Model* model) {
  return model->random_share > 0 &&
         std::uniform_real_distribution<>(0, 1)(model->random) < model->random_share;
}

std::unique_ptr<Model> Parse(std::istream& file) {
  auto parsed = std::make_unique<Model>();
  std::string line;
  bool is_model = false;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string word, text;
    words >> word;
    if (word == "size") {
      words >> parsed->width >> parsed->height;
      is_model = true;
    } else if (word == "pitch") {
      words >> parsed->pitch;
    } else if (word == "rgb") {
      parsed->is_rgb = true;
    } else if (word == "march") {
      parsed->is_wrong_march = true;
    } else if (word == "core") {
      words >> parsed->core_ms;
    } else if (word == "drop") {
      words >> text;
      parsed->dropped.push_back(text);
    } else if (word == "random") {
      unsigned seed;
      words >> seed >> parsed->random_share;
      parsed->random.seed(seed);
    } else if (word == "fault") {
      std::string at;
      Fault fault{};
      words >> text >> at >> fault.status;
      fault.at = std::stoll(at);
      fault.and_later = at.back() == '+';
      parsed->faults.emplace(text, fault);
    }
  }
  if (!is_model) return nullptr;
  if (parsed->pitch == 0) parsed->pitch = parsed->width;
  for (const int step : {8, 16, 32}) {
    const int h = parsed->height / step, w = parsed->width / step;
    parsed->outputs.push_back({"cls" + std::to_string(step), h, w, kClasses});
    parsed->outputs.push_back({"box" + std::to_string(step), h, w, 64});
    parsed->outputs.push_back({"mc" + std::to_string(step), h, w, 32});
  }
  parsed->outputs.push_back({"proto", parsed->height / 4, parsed->width / 4, 32});
  auto& outputs = parsed->outputs;
  outputs.erase(std::remove_if(outputs.begin(), outputs.end(),
                               [&](const Output& output) {
                                 return std::count(parsed->dropped.begin(), parsed->dropped.end(),
                                                   output.name);
                               }),
                outputs.end());
  return parsed;
}

void Compute(const Task& task) {
  const Model* const model = task.model;
  const auto input = memories.find(task.input);
  if (input == memories.end()) {
    ++violations;
    return;
  }
  const size_t middle = static_cast<size_t>(model->pitch) * (model->height / 2) + model->width / 2;
  const float logit = 3.0F + input->second->device[middle] / 1000.0F;
  for (size_t at = 0; at < task.outputs.size(); ++at) {
    const Output& output = model->outputs[at];
    const auto memory = memories.find(task.outputs[at]);
    if (memory == memories.end()) {
      ++violations;
      continue;
    }
    const bool is_classes = output.channels == kClasses;
    std::vector<float> values(static_cast<size_t>(output.height) * output.width * output.channels,
                              is_classes ? -10.0F : 0.0F);
    if (output.name == "cls8") values[values.size() / 2 / kClasses * kClasses + 2] = logit;
    std::memcpy(memory->second->device.data(), values.data(), values.size() * sizeof(float));
  }
}

}  // namespace

extern "C" {

const char* hbDNNGetVersion() {
  static std::string text;
  const std::lock_guard<std::mutex> lock(mutex);
  text = "memory " + std::to_string(memories.size()) + " tasks " + std::to_string(tasks.size()) + " models " +
         std::to_string(models) + " violations " + std::to_string(violations);
  return text.c_str();
}

int32_t hbDNNInitializeFromFiles(hbPackedDNNHandle_t* packed, const char** files, int32_t count) {
  const std::lock_guard<std::mutex> lock(mutex);
  std::ifstream file(files[0]);
  if (count != 1 || !file) return kInvalidArgument;
  auto parsed = Parse(file);
  if (parsed == nullptr) return kInvalidModel;
  loaded.push_back(std::move(parsed));
  const int32_t status = Answer("hbDNNInitializeFromFiles");
  if (status != 0) return status;
  *packed = loaded.back().get();
  ++models;
  return 0;
}

int32_t hbDNNRelease(hbPackedDNNHandle_t packed) {
  const std::lock_guard<std::mutex> lock(mutex);
  for (const auto& [handle, task] : tasks) violations += task->model == packed ? 1 : 0;
  const int32_t status = Answer("hbDNNRelease", Of(packed));
  if (status == 0) --models;
  return status;
}

int32_t hbDNNGetModelNameList(const char*** list, int32_t* count, hbPackedDNNHandle_t) {
  *list = const_cast<const char**>(names);
  *count = 1;
  return 0;
}
int32_t hbDNNGetModelHandle(hbDNNHandle_t* handle, hbPackedDNNHandle_t packed, const char*) {
  *handle = packed;
  return 0;
}
int32_t hbDNNGetInputCount(int32_t* count, hbDNNHandle_t) {
  *count = 1;
  return 0;
}
int32_t hbDNNGetInputName(const char** name, hbDNNHandle_t, int32_t) {
  *name = "images";
  return 0;
}
int32_t hbDNNGetInputTensorProperties(hbDNNTensorProperties* properties, hbDNNHandle_t handle, int32_t) {
  const Model* const model = Of(handle);
  *properties = {};
  properties->validShape = {{1, 3, model->height, model->width}, 4};
  properties->alignedShape = {{1, 3, model->height, model->pitch}, 4};
  properties->tensorLayout = HB_DNN_LAYOUT_NCHW;
  properties->tensorType = model->is_rgb ? HB_DNN_IMG_TYPE_RGB : HB_DNN_IMG_TYPE_NV12;
  properties->alignedByteSize = model->pitch * model->height * 3 / (model->is_rgb ? 1 : 2);
  return 0;
}
int32_t hbDNNGetOutputCount(int32_t* count, hbDNNHandle_t handle) {
  *count = static_cast<int32_t>(Of(handle)->outputs.size());
  return 0;
}
int32_t hbDNNGetOutputName(const char** name, hbDNNHandle_t handle, int32_t index) {
  *name = Of(handle)->outputs[static_cast<size_t>(index)].name.c_str();
  return 0;
}
int32_t hbDNNGetOutputTensorProperties(hbDNNTensorProperties* properties, hbDNNHandle_t handle,
                                       int32_t index) {
  const Output& output = Of(handle)->outputs[static_cast<size_t>(index)];
  *properties = {};
  properties->validShape = {{1, output.height, output.width, output.channels}, 4};
  properties->alignedShape = properties->validShape;
  properties->tensorLayout = HB_DNN_LAYOUT_NCHW;  // As on real models, whatever the strides say.
  properties->tensorType = HB_DNN_TENSOR_TYPE_F32;
  int32_t stride = sizeof(float);
  for (int axis = 3; axis >= 0; --axis) {
    properties->stride[axis] = stride;
    stride *= properties->validShape.dimensionSize[axis];
  }
  properties->alignedByteSize = stride;
  return 0;
}

int32_t hbDNNInfer(hbDNNTaskHandle_t* task_out, hbDNNTensor** outputs, const hbDNNTensor* input,
                   hbDNNHandle_t handle, hbDNNInferCtrlParam* control) {
  const std::lock_guard<std::mutex> lock(mutex);
  Model* const model = Of(handle);
  if (*task_out != nullptr || control == nullptr) ++violations;
  const int32_t status = Answer("hbDNNInfer", model);
  if (status != 0) return status;
  if (Stumbles(model)) return kTaskFailed;
  auto task = std::make_unique<Task>();
  task->model = model;
  task->input = input->sysMem[0].phyAddr;
  for (size_t at = 0; at < model->outputs.size(); ++at) {
    task->outputs.push_back((*outputs)[at].sysMem[0].phyAddr);
  }
  *task_out = task.get();
  tasks[task.get()] = std::move(task);
  return 0;
}

int32_t hbDNNWaitTaskDone(hbDNNTaskHandle_t handle, int32_t timeout_ms) {
  Task* task = nullptr;
  {
    const std::lock_guard<std::mutex> lock(mutex);
    const auto found = tasks.find(handle);
    if (timeout_ms <= 0 || found == tasks.end() || found->second->is_waited) {
      ++violations;
      return kInvalidArgument;
    }
    task = found->second.get();
    task->is_waited = true;
    const int32_t status = Answer("hbDNNWaitTaskDone", task->model);
    if (status != 0) return status;
    if (Stumbles(task->model) || task->model->is_wrong_march) return kTaskFailed;
  }
  const std::lock_guard<std::mutex> busy(core);
  if (task->model->core_ms > 0) std::this_thread::sleep_for(std::chrono::milliseconds(task->model->core_ms));
  const std::lock_guard<std::mutex> lock(mutex);
  Compute(*task);
  return 0;
}

int32_t hbDNNReleaseTask(hbDNNTaskHandle_t handle) {
  const std::lock_guard<std::mutex> lock(mutex);
  if (tasks.erase(handle) != 1) ++violations;
  return Answer("hbDNNReleaseTask");
}

int32_t hbSysAllocCachedMem(hbSysMem* memory, uint32_t size) {
  const std::lock_guard<std::mutex> lock(mutex);
  const int32_t status = Answer("hbSysAllocCachedMem");
  if (status != 0) return status;
  auto made = std::make_unique<Memory>();
  made->cpu.assign(size, 0xA5);
  made->device.assign(size, 0x5A);
  *memory = {next_address, made->cpu.data(), size};
  memories[next_address] = std::move(made);
  next_address += 4096;
  return 0;
}

int32_t hbSysFlushMem(hbSysMem* memory, int32_t flag) {
  const std::lock_guard<std::mutex> lock(mutex);
  const int32_t status = Answer(flag == HB_SYS_MEM_CACHE_CLEAN ? "clean" : "invalidate");
  if (status != 0) return status;
  const auto found = memories.find(memory->phyAddr);
  if (found == memories.end()) {
    ++violations;
    return kInvalidArgument;
  }
  if (flag == HB_SYS_MEM_CACHE_CLEAN) {
    found->second->device = found->second->cpu;
  } else {
    std::copy(found->second->device.begin(), found->second->device.end(), found->second->cpu.begin());
  }
  return 0;
}

int32_t hbSysFreeMem(hbSysMem* memory) {
  const std::lock_guard<std::mutex> lock(mutex);
  if (memories.erase(memory->phyAddr) != 1) ++violations;
  return 0;
}

}  // extern "C"
