#include "fakednn/device.h"

#include <algorithm>
#include <chrono>

#include "fakednn/clock.h"
#include "fakednn/refusal.h"

namespace rdk::fakednn {
namespace {

constexpr size_t kMaxTasks = 32;

std::chrono::steady_clock::time_point TimeAt(int64_t ns) {
  return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(ns));
}

void WriteOutputs(const Task& task) {
  for (size_t at = 0; at < task.outputs.size(); ++at) {
    task.outputs[at].block->WriteDevice(task.outputs[at].offset, (*task.answer)[at]);
  }
}

}  // namespace

void Device::CheckRoom() const {
  if (handles_.size() >= kMaxTasks) throw Refusal{HB_DNN_TASK_NUM_EXCEED_LIMIT};
}

void* Device::Submit(std::shared_ptr<Task> task, int64_t submitted_ns) {
  task->job->submitted_ns = submitted_ns;
  // Numbers, not addresses: none is ever valid twice.
  void* const handle = reinterpret_cast<void*>(next_handle_);
  next_handle_ += 0x10;
  if (!task->is_hung) schedule_.Submit(task->job);
  unfinished_.push_back(task);
  handles_.emplace(handle, std::move(task));
  Advance(NowNs());
  return handle;
}

std::shared_ptr<Task> Device::Find(void* handle) const {
  const auto found = handles_.find(handle);
  return found == handles_.end() ? nullptr : found->second;
}

int32_t Device::Wait(const std::shared_ptr<Task>& task, int32_t timeout_ms,
                     std::unique_lock<std::mutex>& lock) {
  const int64_t limit_ns = timeout_ms > 0 ? NowNs() + int64_t{timeout_ms} * 1'000'000 : kNever;
  for (;;) {
    const int64_t now_ns = NowNs();
    Advance(now_ns);
    if (task->is_done) return HB_DNN_SUCCESS;
    if (task->is_released) return HB_DNN_INVALID_TASK_HANDLE;
    if (now_ns >= limit_ns) return HB_DNN_TIMEOUT;
    SleepTowards(*task, limit_ns, lock);
  }
}

void Device::SleepTowards(const Task& task, int64_t limit_ns, std::unique_lock<std::mutex>& lock) {
  const int64_t event_ns = task.job->done_ns != kNever ? task.job->done_ns : schedule_.NextStart();
  const int64_t wake_ns = std::min(task.is_hung ? kNever : event_ns, limit_ns);
  if (wake_ns == kNever) {
    changed_.wait(lock);
  } else {
    changed_.wait_until(lock, TimeAt(wake_ns));
  }
}

bool Device::Release(void* handle, std::unique_lock<std::mutex>& lock) {
  const std::shared_ptr<Task> task = Find(handle);
  task->is_released = true;
  if (task->is_hung && task->late_ms >= 0) {
    task->stray_ns = NowNs() + static_cast<int64_t>(task->late_ms * 1e6);
  }
  if (!task->is_done && !task->is_hung && schedule_.Cancel(task->job)) {
    unfinished_.erase(std::find(unfinished_.begin(), unfinished_.end(), task));
    Forget(handle);
    return false;
  }
  const bool must_wait = !task->is_done;
  // Who waits for the task elsewhere is refused.
  changed_.notify_all();
  while (!task->is_done) {
    SleepTowards(*task, kNever, lock);
    Advance(NowNs());
  }
  Forget(handle);
  return must_wait;
}

void Device::Forget(void* handle) {
  Find(handle)->is_released = true;
  handles_.erase(handle);
  changed_.notify_all();
}

void Device::Advance(int64_t now_ns) {
  schedule_.Advance(now_ns);
  const auto still = std::stable_partition(unfinished_.begin(), unfinished_.end(),
                                           [&](const auto& task) { return task->job->done_ns > now_ns; });
  for (auto it = still; it != unfinished_.end(); ++it) {
    WriteOutputs(**it);
    (*it)->is_done = true;
  }
  unfinished_.erase(still, unfinished_.end());
  // Last, and each time anew, so that whoever took the memory for another task sees it.
  for (const auto& task : unfinished_) {
    if (task->stray_ns <= now_ns) WriteOutputs(*task);
  }
}

const char* Device::UseOf(const Model& model) const {
  for (const auto& [handle, task] : handles_) {
    if (task->model.get() != &model) continue;
    return task->is_released ? "the release of a task of the model has not returned"
                             : "a task of the model was not released";
  }
  const bool runs = std::any_of(unfinished_.begin(), unfinished_.end(),
                                [&](const auto& task) { return task->model.get() == &model; });
  return runs ? "a task of the model still runs" : nullptr;
}

bool Device::IsUsing(const Range& range) const {
  return std::any_of(unfinished_.begin(), unfinished_.end(), [&](const auto& task) {
    const auto overlaps = [&](const Range& used) { return used.Overlaps(range); };
    return std::any_of(task->inputs.begin(), task->inputs.end(), overlaps) ||
           std::any_of(task->outputs.begin(), task->outputs.end(), overlaps);
  });
}

}  // namespace rdk::fakednn
