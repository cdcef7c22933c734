#include "core/bpu/overdue_tasks.h"

#include <system_error>
#include <thread>
#include <utility>

namespace rdk::bpu {
namespace {

void End(OverdueTask& task, bool has_ended) {
  if (!has_ended) Abandon(*task.slot, *task.model);
  // Before the slot is seen in its new state: who closes the session then frees memory and model.
  task.slot.reset();
  task.model.reset();
  task.table->Move(task.lease, SlotState::kOverdue, has_ended ? SlotState::kFree : SlotState::kQuarantined);
}

}  // namespace

void Abandon(Slot& slot, DnnModel& model) {
  slot.Abandon();
  model.Abandon();
  CountLostTask();
}

void OverdueTasks::Release(OverdueTask task) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++pending_;
  }
  const auto pending = std::make_shared<Pending>(std::move(task));
  try {
    std::thread([self = shared_from_this(), pending] { self->Work(*pending); }).detach();
  } catch (const std::system_error&) {
    End(pending->task, false);
    const std::lock_guard<std::mutex> lock(mutex_);
    --pending_;
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
  pending.call.reset();
  const std::lock_guard<std::mutex> lock(mutex_);
  --pending_;
  changed_.notify_all();
}

}  // namespace rdk::bpu
