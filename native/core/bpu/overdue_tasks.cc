#include "core/bpu/overdue_tasks.h"

#include <exception>
#include <thread>
#include <utility>

namespace rdk::bpu {
namespace {

void End(OverdueTask& task, bool has_ended) {
  if (!has_ended) Quarantine(*task.slot, *task.model);
  // Before the slot is seen in its new state: who closes the session then frees memory and model.
  task.slot.reset();
  task.model.reset();
  task.table->Move(task.lease, SlotState::kOverdue, has_ended ? SlotState::kFree : SlotState::kQuarantined);
}

}  // namespace

void Quarantine(Slot& slot, DnnModel& model) {
  slot.Quarantine();
  model.Quarantine();
  CountQuarantinedTask();
}

OverdueTasks::Count::Count(std::shared_ptr<OverdueTasks> tasks) : tasks_(std::move(tasks)) {
  const std::lock_guard<std::mutex> lock(tasks_->mutex_);
  ++tasks_->pending_;
}

OverdueTasks::Count::~Count() {
  const std::lock_guard<std::mutex> lock(tasks_->mutex_);
  --tasks_->pending_;
  tasks_->changed_.notify_all();
}

void OverdueTasks::Release(OverdueTask task) noexcept {
  std::shared_ptr<Pending> pending;
  try {
    pending = std::make_shared<Pending>(shared_from_this(), std::move(task));
    std::thread([pending] { Work(*pending); }).detach();
  } catch (const std::exception&) {
    // No thread, or no memory for it: what a failed allocation has not taken is still here.
    End(pending ? pending->task : task, false);
  }
}

bool OverdueTasks::WaitUntil(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock<std::mutex> lock(mutex_);
  return changed_.wait_until(lock, deadline, [this] { return pending_ == 0; });
}

void OverdueTasks::Work(Pending& pending) {
  OverdueTask& task = pending.task;
  // 0 says that the task has ended; after any other status nobody knows.
  const bool has_ended = (*task.library)->hbDNNReleaseTask(task.handle) == HB_DNN_SUCCESS;
  if (has_ended) task.counters->tasks_released++;
  End(task, has_ended);
}

}  // namespace rdk::bpu
