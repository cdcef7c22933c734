#include "core/bpu/task_runner.h"

#include <exception>
#include <optional>
#include <thread>
#include <utility>

#include "core/bpu/vendor_call.h"
#include "core/bpu/vendor_status.h"

namespace rdk::bpu {
namespace {

using Clock = std::chrono::steady_clock;

// How long threads that were started for nothing may take to end.
constexpr std::chrono::milliseconds kIdleLimit(1000);

double MillisecondsSince(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// What a refusal means for the tasks to come: wrong handles and arguments do not heal.
ErrorCode CodeOfRefusal(int32_t status) {
  if (status == HB_DNN_TASK_NUM_EXCEED_LIMIT || status == HB_DNN_MULTI_PROGRESS_USE_ERROR)
    return ErrorCode::kBpuBusy;
  return status == HB_DNN_OUT_OF_MEMORY || status == HB_DNN_RUN_TASK_FAILED ? ErrorCode::kBpuTask
                                                                            : ErrorCode::kBpuDead;
}

}  // namespace

TaskRunner::TaskRunner(TaskContext context, int timeout_ms, Done done)
    : context_(std::move(context)),
      timeout_ms_(timeout_ms),
      done_(std::move(done)),
      overdue_(std::make_shared<OverdueTasks>()) {
  queue_.reserve(context_.slots.size());
}

void TaskRunner::Start(int thread_count) {
  for (int index = 0; index < thread_count; ++index) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      ++threads_alive_;
    }
    try {
      // Detached, because Stop must be able to give up on one; it counts itself out.
      std::thread([self = shared_from_this()] { self->Work(); }).detach();
    } catch (const std::exception& error) {
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        --threads_alive_;
      }
      Stop(kIdleLimit);
      throw CodedError(ErrorCode::kBpuMemory, "thread " + std::to_string(index + 1) + " of " +
                                                  std::to_string(thread_count) +
                                                  " that wait for tasks cannot be started: " + error.what());
    }
  }
}

void TaskRunner::Submit(const Lease& lease) {
  context_.table->Move(lease, SlotState::kReady, SlotState::kRunning);
  const std::lock_guard<std::mutex> lock(mutex_);
  queue_.push_back(lease);
  changed_.notify_one();
}

TaskOutcome TaskRunner::RunHere(const Lease& lease, int timeout_ms) {
  context_.table->Move(lease, SlotState::kReady, SlotState::kRunning);
  hbDNNTaskHandle_t unreleased = nullptr;
  const TaskOutcome outcome = Execute(lease, timeout_ms, unreleased);
  Release(lease, unreleased);
  return outcome;
}

bool TaskRunner::Stop(std::chrono::milliseconds timeout) {
  const Clock::time_point deadline = Clock::now() + timeout;
  std::unique_lock<std::mutex> lock(mutex_);
  is_stopped_ = true;
  changed_.notify_all();
  const bool is_drained = changed_.wait_until(lock, deadline, [this] { return threads_alive_ == 0; });
  // A thread that is about to end holds the runner a moment longer; it must not hold memory and model too.
  if (is_drained) context_ = TaskContext{};
  lock.unlock();
  overdue_->WaitUntil(deadline);
  return is_drained;
}

void TaskRunner::Work() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return is_stopped_ || !queue_.empty(); });
    if (queue_.empty()) break;
    const Lease lease = queue_.front();
    queue_.erase(queue_.begin());
    const bool is_late = is_stopped_;
    lock.unlock();
    // Until the task is released, or its release is in other hands.
    std::optional<VendorCall> call(std::in_place);
    hbDNNTaskHandle_t unreleased = nullptr;
    const TaskOutcome outcome = is_late ? NotSubmitted(lease) : Execute(lease, timeout_ms_, unreleased);
    done_(lease, outcome);
    Release(lease, unreleased);
    call.reset();
    lock.lock();
  }
  --threads_alive_;
  changed_.notify_all();
}

void TaskRunner::Release(const Lease& lease, hbDNNTaskHandle_t unreleased) {
  if (unreleased == nullptr) return;
  overdue_->Release({unreleased, lease, context_.library, context_.model, context_.counters, context_.table,
                     context_.slots[static_cast<size_t>(lease.slot)]});
}

TaskOutcome TaskRunner::Execute(const Lease& lease, int timeout_ms, hbDNNTaskHandle_t& unreleased) {
  const DnnLibrary& library = *context_.library;
  Counters& counters = *context_.counters;
  Slot& slot = *context_.slots[static_cast<size_t>(lease.slot)];
  const Clock::time_point start = Clock::now();
  const double queue_ms = std::chrono::duration<double, std::milli>(start - slot.ready_at).count();

  hbDNNTaskHandle_t task = nullptr;
  hbDNNTensor* outputs = slot.output_tensors.data();
  hbDNNInferCtrlParam control{};
  control.priority = context_.priority;
  const int32_t refusal =
      library->hbDNNInfer(&task, &outputs, &slot.input_tensor, context_.model->handle(), &control);
  if (refusal != 0) {
    counters.tasks_refused++;
    if (task == nullptr) {
      return EndFailed(lease, SlotState::kFree, CodeOfRefusal(refusal), "hbDNNInfer", refusal);
    }
    unreleased = task;
    return EndFailed(lease, SlotState::kOverdue, ErrorCode::kBpuDead, "hbDNNInfer", refusal,
                     ", but it made a task");
  }
  if (task == nullptr) {
    counters.tasks_refused++;
    return EndFailed(lease, SlotState::kQuarantined, ErrorCode::kBpuDead, "hbDNNInfer", refusal,
                     ", but it made no task");
  }
  counters.tasks_submitted++;
  const int32_t waited = library->hbDNNWaitTaskDone(task, timeout_ms);
  // These two alone say that the task has ended; after any other it may still run, and its release last.
  const bool has_ended = waited == HB_DNN_SUCCESS || waited == HB_DNN_RUN_TASK_FAILED;
  if (!has_ended) {
    const bool is_timeout = waited == HB_DNN_TIMEOUT;
    (is_timeout ? counters.tasks_timed_out : counters.tasks_failed)++;
    unreleased = task;
    return EndFailed(lease, SlotState::kOverdue, is_timeout ? ErrorCode::kBpuTimeout : ErrorCode::kBpuDead,
                     "hbDNNWaitTaskDone", waited,
                     is_timeout ? " after " + std::to_string(timeout_ms) + " ms" : "");
  }
  const int32_t released = library->hbDNNReleaseTask(task);
  if (released != 0) {
    counters.tasks_failed++;
    return EndFailed(lease, SlotState::kQuarantined, ErrorCode::kBpuDead, "hbDNNReleaseTask", released);
  }
  counters.tasks_released++;
  if (waited != 0) {
    counters.tasks_failed++;
    return EndFailed(lease, SlotState::kFree, ErrorCode::kBpuTask, "hbDNNWaitTaskDone", waited);
  }
  for (DeviceBuffer& output : slot.outputs) {
    const int32_t flushed = output.Invalidate();
    if (flushed == 0) continue;
    counters.tasks_failed++;
    return EndFailed(lease, SlotState::kFree, ErrorCode::kBpuDead, "hbSysFlushMem", flushed);
  }
  TaskOutcome outcome;
  outcome.queue_ms = queue_ms;
  outcome.infer_ms = MillisecondsSince(start);
  context_.table->Move(lease, SlotState::kRunning, SlotState::kLeased);
  counters.tasks_done++;
  return outcome;
}

TaskOutcome TaskRunner::EndFailed(const Lease& lease, SlotState next, ErrorCode code, const char* call,
                                  int32_t status, const std::string& detail) {
  // Here and not at the close, which may give up on this thread before.
  if (next == SlotState::kQuarantined) {
    Quarantine(*context_.slots[static_cast<size_t>(lease.slot)], *context_.model);
  }
  int slots_out = 0;
  if (next == SlotState::kFree) {
    context_.table->Move(lease, SlotState::kRunning, next);
  } else {
    slots_out = context_.table->GiveUp(lease, next);
  }
  const std::string message =
      "slot " + std::to_string(lease.slot) + ": " + DescribeStatus(call, status) + detail;
  TaskOutcome outcome;
  outcome.error = CodedError(code, message, {{"call", call}, {"status", status}, {"slotsOut", slots_out}});
  return outcome;
}

TaskOutcome TaskRunner::NotSubmitted(const Lease& lease) {
  context_.table->Move(lease, SlotState::kRunning, SlotState::kFree);
  TaskOutcome outcome;
  outcome.error = CodedError(ErrorCode::kSessionClosed,
                             "The BPU session was closed before the task was submitted", {{"slotsOut", 0}});
  return outcome;
}

}  // namespace rdk::bpu
