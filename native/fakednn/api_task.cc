// hb_dnn.h: tasks.
#include <algorithm>
#include <thread>

#include "dnn_abi/dnn_abi.h"
#include "fakednn/infer_rules.h"
#include "fakednn/state.h"

using namespace rdk::fakednn;

namespace {

std::shared_ptr<Task> TaskOf(State& state, const char* call, hbDNNTaskHandle_t handle) {
  const std::shared_ptr<Task> task = state.device.Find(handle);
  if (task != nullptr && !task->is_released) return task;
  state.violations.Report(std::string(call) + ": the task handle was released before or never made");
  throw Refusal{HB_DNN_INVALID_TASK_HANDLE};
}

std::shared_ptr<Job> JobFor(const Model& model, const hbDNNInferCtrlParam& control) {
  auto job = std::make_shared<Job>();
  job->core_ns = model.core_ns;
  job->host_ns = model.host_ns;
  job->priority = control.priority;
  job->custom_id = control.customId;
  return job;
}

void CheckControl(State& state, const hbDNNInferCtrlParam& control) {
  if (control.more != 0) {
    state.violations.Report("hbDNNInfer: fakednn has no tasks of several models (more)");
    throw Refusal{HB_DNN_API_USE_ERROR};
  }
  if (control.priority < 0 || control.priority > 255 || control.bpuCoreId < 0 || control.bpuCoreId > 1) {
    state.violations.Report("hbDNNInfer: priority " + std::to_string(control.priority) + " on core " +
                            std::to_string(control.bpuCoreId) + "; expected 0 to 255 on core 0 (any) or 1");
    throw Refusal{HB_DNN_INVALID_ARGUMENT};
  }
}

void Afflict(Task& task, const Fault& fault) {
  if (fault.kind == Fault::Kind::kLate) {
    task.job->host_ns += static_cast<int64_t>(fault.ms * 1e6);
  } else if (fault.kind == Fault::Kind::kHang) {
    task.is_hung = true;
    task.late_ms = fault.ms;
  } else if (fault.kind == Fault::Kind::kJam) {
    task.job->core_ns += fault.ms < 0 ? kForEverNs : static_cast<int64_t>(fault.ms * 1e6);
  }
}

}  // namespace

int32_t hbDNNInfer(hbDNNTaskHandle_t* handle, hbDNNTensor** outputs, const hbDNNTensor* inputs,
                   hbDNNHandle_t model_handle, hbDNNInferCtrlParam* control) {
  return Call("hbDNNInfer", [&](State& state, Entry& entry) -> int32_t {
    const std::shared_ptr<Model> model = state.ModelOf(model_handle);
    if (handle == nullptr || outputs == nullptr || *outputs == nullptr || inputs == nullptr ||
        control == nullptr) {
      state.violations.Report("hbDNNInfer: a pointer is NULL");
      throw Refusal{HB_DNN_INVALID_ARGUMENT};
    }
    if (*handle != nullptr) {
      state.violations.Report("hbDNNInfer: *taskHandle is not NULL");
      throw Refusal{HB_DNN_API_USE_ERROR};
    }
    CheckControl(state, *control);
    const std::optional<Fault> fault = state.NextFault("hbDNNInfer", model->faults.get());
    if (fault.has_value() && fault->kind == Fault::Kind::kStatus) throw Refusal{fault->status};
    state.device.CheckRoom();
    const std::shared_ptr<Task> task = CheckedTask(state, model, inputs, *outputs);
    task->job = JobFor(*model, *control);
    if (fault.has_value()) Afflict(*task, *fault);
    *handle = state.device.Submit(task, entry.clock.board_ns());
    return fault.has_value() && fault->kind == Fault::Kind::kBegun ? fault->status : HB_DNN_SUCCESS;
  });
}

int32_t hbDNNRoiInfer(hbDNNTaskHandle_t*, hbDNNTensor**, const hbDNNTensor*, hbDNNRoi*, int32_t,
                      hbDNNHandle_t, hbDNNInferCtrlParam*) {
  return Call("hbDNNRoiInfer", [](State&, Entry&) -> int32_t {
    Explain("hbDNNRoiInfer", "fakednn has no resizer");
    return HB_DNN_API_USE_ERROR;
  });
}

int32_t hbDNNSetTaskDoneCb(hbDNNTaskHandle_t handle, void (*callback)(hbDNNTaskHandle_t, int32_t, void*),
                           void* user) {
  return Call("hbDNNSetTaskDoneCb", [&](State& state, Entry&) -> int32_t {
    const std::shared_ptr<Task> task = TaskOf(state, "hbDNNSetTaskDoneCb", handle);
    state.MayFail("hbDNNSetTaskDoneCb", task->model->faults.get());
    if (callback == nullptr) throw Refusal{HB_DNN_INVALID_ARGUMENT};
    std::thread([&state, task, handle, callback, user] {
      std::unique_lock<std::mutex> lock(state.mutex);
      const int32_t status = state.device.Wait(task, 0, lock);
      lock.unlock();
      callback(handle, status, user);
    }).detach();
    return HB_DNN_SUCCESS;
  });
}

int32_t hbDNNWaitTaskDone(hbDNNTaskHandle_t handle, int32_t timeout_ms) {
  return Call("hbDNNWaitTaskDone", [&](State& state, Entry& entry) -> int32_t {
    const std::shared_ptr<Task> task = TaskOf(state, "hbDNNWaitTaskDone", handle);
    if (task->is_waited) {
      state.violations.Report("hbDNNWaitTaskDone: the task was waited for before");
      throw Refusal{HB_DNN_INVALID_TASK_HANDLE};
    }
    task->is_waited = true;
    const std::optional<Fault> fault = state.NextFault("hbDNNWaitTaskDone", task->model->faults.get());
    if (fault.has_value() && fault->status != HB_DNN_RUN_TASK_FAILED) return fault->status;
    const int32_t status = state.device.Wait(task, timeout_ms, entry.lock);
    const bool is_done = status == HB_DNN_SUCCESS;
    entry.clock.EndAt(is_done ? std::max(entry.clock.board_ns(), task->job->done_ns) : NowNs());
    // A task that fails has ended: its memory is free.
    return is_done && fault.has_value() ? fault->status : status;
  });
}

int32_t hbDNNReleaseTask(hbDNNTaskHandle_t handle) {
  return Call("hbDNNReleaseTask", [&](State& state, Entry& entry) -> int32_t {
    const std::shared_ptr<Task> task = TaskOf(state, "hbDNNReleaseTask", handle);
    const std::optional<Fault> fault = state.NextFault("hbDNNReleaseTask", task->model->faults.get());
    if (fault.has_value()) {
      state.device.Forget(handle);
      return fault->status;
    }
    if (state.device.Release(handle, entry.lock)) entry.clock.EndAt(NowNs());
    return HB_DNN_SUCCESS;
  });
}
