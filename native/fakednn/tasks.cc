#include "fakednn/tasks.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>

#include "fakednn/faults.h"
#include "fakednn/memory.h"
#include "fakednn/scheduler.h"
#include "fakednn/sha256.h"
#include "fakednn/violations.h"

namespace fakednn {
namespace {

constexpr size_t kMaxTasks = 32;
constexpr uint8_t kPoison = 0x7f;  // as f32 3.4e38, as i32 2139062143
constexpr int64_t kLateWriteNs = 50'000'000;

/// How late this thread woke in its last wait: the PC's delay, which must not slow the simulated board down.
thread_local int64_t woke_late_ns = 0;

struct Task {
  const Model* model;
  std::vector<Span> outputs;
  std::vector<Span> held;  // each buffer once
  std::vector<uint8_t> recorded;
  std::shared_ptr<Job> job = std::make_shared<Job>();
  bool hangs = false;
  bool done = false;
};

struct Tasks {
  std::mutex mutex;
  std::condition_variable changed;
  std::map<uintptr_t, std::shared_ptr<Task>> live;
  uintptr_t next = 0x1000;
  hbFakeCounters counters = {};
};

Tasks& All() {
  // Handed to atexit by hand, because the threads of the process may still be in here after it.
  static Tasks& all = []() -> Tasks& {
    std::atexit([] {
      std::lock_guard<std::mutex> lock(All().mutex);
      if (!All().live.empty()) Violate(std::to_string(All().live.size()) + " tasks were never released");
    });
    return *new Tasks;
  }();
  return all;
}

bool IsNv12(int32_t type) { return type == HB_DNN_IMG_TYPE_NV12 || type == HB_DNN_IMG_TYPE_NV12_SEPARATE; }

bool SameShape(const hbDNNTensorShape& a, const hbDNNTensorShape& b) {
  return a.numDimensions == b.numDimensions &&
         std::equal(a.dimensionSize, a.dimensionSize + std::clamp(a.numDimensions, 0, 8), b.dimensionSize);
}

std::string Text(const hbDNNTensorShape& shape) {
  std::string text;
  for (int i = 0; i < std::clamp(shape.numDimensions, 0, 8); i++) {
    text += (i ? "x" : "") + std::to_string(shape.dimensionSize[i]);
  }
  return text;
}

/// The memory an NV12 input spans, Y before UV.
std::vector<std::pair<Span, size_t>> Nv12Spans(const hbDNNTensor& tensor, const std::string& who) {
  const hbDNNTensorShape& shape = tensor.properties.alignedShape;
  const int32_t height = shape.dimensionSize[2];
  const int32_t pitch = shape.dimensionSize[3];
  if (shape.numDimensions != 4 || height <= 0 || pitch <= 0 || height % 2 || pitch % 16) {
    Violate(who + ": NV12 of shape " + Text(shape) + "; expected an even height and a pitch of 16 k bytes");
    return {};
  }
  const size_t luma = static_cast<size_t>(pitch) * height;
  if (tensor.properties.tensorType == HB_DNN_IMG_TYPE_NV12) {
    return {{FindSpan(tensor.sysMem[0], luma * 3 / 2, who), luma * 3 / 2}};
  }
  return {{FindSpan(tensor.sysMem[0], luma, who), luma},
          {FindSpan(tensor.sysMem[1], luma / 2, who + " UV"), luma / 2}};
}

bool InputSpans(const hbDNNTensor& tensor, const Tensor& expected,
                std::vector<std::pair<Span, size_t>>& spans) {
  const std::string who = "input " + expected.name;
  const hbDNNTensorProperties& given = tensor.properties;
  const hbDNNTensorProperties& own = expected.properties;
  const bool type_fits =
      IsNv12(own.tensorType) ? IsNv12(given.tensorType) : given.tensorType == own.tensorType;
  if (!type_fits) {
    Violate(who + ": tensor type " + std::to_string(given.tensorType) + ", expected " +
            std::to_string(own.tensorType));
    return false;
  }
  if (!SameShape(given.validShape, own.validShape)) {
    Violate(who + ": valid shape " + Text(given.validShape) + ", expected " + Text(own.validShape));
    return false;
  }
  if (!SameShape(given.alignedShape, own.alignedShape) && !SameShape(given.alignedShape, own.validShape)) {
    Violate(who + ": aligned shape " + Text(given.alignedShape) + ", expected " + Text(own.alignedShape) +
            " or " + Text(own.validShape));
    return false;
  }
  std::vector<std::pair<Span, size_t>> found;
  if (IsNv12(given.tensorType)) {
    found = Nv12Spans(tensor, who);
  } else {
    const auto bytes = static_cast<size_t>(own.alignedByteSize);
    found = {{FindSpan(tensor.sysMem[0], bytes, who), bytes}};
  }
  for (const auto& [span, bytes] : found) {
    if (!span.buffer) return false;
  }
  spans.insert(spans.end(), found.begin(), found.end());
  return !found.empty();
}

void Keep(std::vector<Span>& held, const Span& span) {
  const auto same = [&](const Span& other) { return other.buffer == span.buffer; };
  if (std::none_of(held.begin(), held.end(), same)) held.push_back(span);
}

/// The device writes all outputs and gives the memory back. Needs no lock: nobody else may touch it.
void WriteOutputs(Task& task) {
  size_t offset = 0;
  for (size_t i = 0; i < task.outputs.size(); i++) {
    const auto bytes = static_cast<size_t>(task.model->outputs[i].properties.alignedByteSize);
    if (task.recorded.empty())
      std::memset(task.outputs[i].device(), kPoison, bytes);
    else
      std::memcpy(task.outputs[i].device(), task.recorded.data() + offset, bytes);
    offset += bytes;
    if (!task.outputs[i].buffer->cached) task.outputs[i].buffer->Invalidate();
  }
  LetGo(task.held);
}

void Finish(const std::shared_ptr<Task>& task) {
  WriteOutputs(*task);
  std::lock_guard<std::mutex> lock(All().mutex);
  task->done = true;
  All().changed.notify_all();
}

}  // namespace

int CountTasksOf(const Model& model) {
  std::lock_guard<std::mutex> lock(All().mutex);
  return static_cast<int>(std::count_if(All().live.begin(), All().live.end(),
                                        [&](const auto& entry) { return entry.second->model == &model; }));
}

int32_t Infer(hbDNNTaskHandle_t* handle, hbDNNTensor** outputs, const hbDNNTensor* inputs, const Model& model,
              const hbDNNInferCtrlParam& control) {
  const int64_t submitted_ns = NowNs() - woke_late_ns;
  woke_late_ns = 0;
  auto task = std::make_shared<Task>();
  task->model = &model;
  std::vector<std::pair<Span, size_t>> spans;
  for (size_t i = 0; i < model.inputs.size(); i++) {
    if (!InputSpans(inputs[i], model.inputs[i], spans)) return HB_DNN_INVALID_ARGUMENT;
  }
  for (size_t i = 0; i < model.outputs.size(); i++) {
    const auto bytes = static_cast<size_t>(model.outputs[i].properties.alignedByteSize);
    const Span span = FindSpan((*outputs)[i].sysMem[0], bytes, "output " + model.outputs[i].name);
    if (!span.buffer) return HB_DNN_INVALID_ARGUMENT;
    task->outputs.push_back(span);
    Keep(task->held, span);
  }
  std::vector<std::pair<const uint8_t*, size_t>> bytes;
  for (const auto& [span, size] : spans) {
    if (!span.buffer->cached) span.buffer->Clean();
    bytes.emplace_back(span.device(), size);
    Keep(task->held, span);
  }
  int32_t value = 0;
  task->hangs = Faults::Instance().Next("hang", value);
  const int64_t late_ns = Faults::Instance().Next("late", value) ? int64_t{value} * 1'000'000 : 0;
  task->recorded = model.Recorded(InputHash(bytes));
  {
    std::lock_guard<std::mutex> lock(All().mutex);
    if (All().live.size() >= kMaxTasks) {
      Violate("hbDNNInfer: more than " + std::to_string(kMaxTasks) + " tasks");
      return HB_DNN_TASK_NUM_EXCEED_LIMIT;
    }
    All().next += 16;
    *handle = reinterpret_cast<hbDNNTaskHandle_t>(All().next);
    All().live.emplace(All().next, task);
    All().counters.infers++;
  }
  Hold(task->held, "hbDNNInfer");
  if (task->hangs) return HB_DNN_SUCCESS;
  task->job->priority = control.priority;
  task->job->custom_id = control.customId;
  task->job->core_ns = static_cast<int64_t>(model.core_ms * 1e6);
  task->job->host_ns = static_cast<int64_t>(model.host_ms * 1e6) + late_ns;
  task->job->times.submitted_ns = submitted_ns;
  task->job->done = [task] { Finish(task); };
  Scheduler::Instance().Submit(task->job);
  return HB_DNN_SUCCESS;
}

void ResetTaskCounters() {
  std::lock_guard<std::mutex> lock(All().mutex);
  All().counters = {};
}

void CountTasks(hbFakeCounters& counters) {
  std::lock_guard<std::mutex> lock(All().mutex);
  counters.infers = All().counters.infers;
  counters.waits = All().counters.waits;
  counters.releases = All().counters.releases;
  counters.live_tasks = All().live.size();
}

}  // namespace fakednn

using namespace fakednn;

int32_t hbDNNWaitTaskDone(hbDNNTaskHandle_t handle, int32_t timeout_ms) {
  int32_t fault = 0;
  const bool fails = Faults::Instance().Next("wait", fault);
  std::unique_lock<std::mutex> lock(All().mutex);
  All().counters.waits++;
  const auto found = All().live.find(reinterpret_cast<uintptr_t>(handle));
  if (found == All().live.end()) {
    Violate("hbDNNWaitTaskDone: no such task, or released");
    return HB_DNN_INVALID_TASK_HANDLE;
  }
  const std::shared_ptr<Task> task = found->second;
  const auto done = [&] { return task->done; };
  const bool early = !task->done;
  if (timeout_ms <= 0)
    All().changed.wait(lock, done);
  else if (!All().changed.wait_for(lock, std::chrono::milliseconds(timeout_ms), done))
    return HB_DNN_TIMEOUT;
  if (early) woke_late_ns = std::max<int64_t>(0, NowNs() - task->job->times.end_ns);
  return fails ? fault : HB_DNN_SUCCESS;
}

int32_t hbDNNReleaseTask(hbDNNTaskHandle_t handle) {
  int32_t fault = 0;
  if (Faults::Instance().Next("release", fault)) return fault;
  std::shared_ptr<Task> task;
  bool done = false;
  {
    std::lock_guard<std::mutex> lock(All().mutex);
    const auto found = All().live.find(reinterpret_cast<uintptr_t>(handle));
    if (found == All().live.end()) {
      Violate("hbDNNReleaseTask: no such task, or released before");
      return HB_DNN_INVALID_TASK_HANDLE;
    }
    task = found->second;
    done = task->done;
    All().live.erase(found);
    All().counters.releases++;
  }
  if (done) return HB_DNN_SUCCESS;
  if (task->hangs) {
    // Cancelled in the background: the device writes a while later all the same.
    task->job->host_ns = kLateWriteNs;
    task->job->times.submitted_ns = NowNs();
    task->job->done = [task] { Finish(task); };
    Scheduler::Instance().Submit(task->job);
  } else if (Scheduler::Instance().Withdraw(task->job)) {
    LetGo(task->held);
  }
  return HB_DNN_SUCCESS;
}
