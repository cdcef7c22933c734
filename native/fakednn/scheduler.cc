#include "fakednn/scheduler.h"

#include <sys/prctl.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <tuple>

namespace fakednn {

using Clock = std::chrono::steady_clock;

int64_t NowNs() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now().time_since_epoch()).count();
}

Scheduler& Scheduler::Instance() {
  // Never destroyed: its thread lives until the process ends.
  static Scheduler& scheduler = *new Scheduler;
  return scheduler;
}

Scheduler::Scheduler() {
  std::thread([this] { Run(); }).detach();
}

void Scheduler::Submit(std::shared_ptr<Job> job) {
  std::lock_guard<std::mutex> lock(mutex_);
  queue_.push_back(std::move(job));
  changed_.notify_one();
}

bool Scheduler::Withdraw(const std::shared_ptr<Job>& job) {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto found = std::find(queue_.begin(), queue_.end(), job);
  if (found == queue_.end()) return false;
  queue_.erase(found);
  return true;
}

void Scheduler::ResetTimes() {
  std::lock_guard<std::mutex> lock(mutex_);
  times_.clear();
}

bool Scheduler::Times(size_t index, hbFakeTaskTimes& times) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (index >= times_.size()) return false;
  times = times_[index];
  return true;
}

void Scheduler::GiveCore(int64_t now_ns) {
  while (!queue_.empty() && core_free_ns_ <= now_ns) {
    // Higher priority first, then the smaller customId, then who came first (the order of the queue).
    const auto best = std::min_element(queue_.begin(), queue_.end(), [](const auto& a, const auto& b) {
      return std::make_tuple(-a->priority, a->custom_id) < std::make_tuple(-b->priority, b->custom_id);
    });
    const std::shared_ptr<Job> job = *best;
    queue_.erase(best);
    // From plan to plan, not from waking to waking: late waking must not slow the core down.
    job->times.core_start_ns = std::max(job->times.submitted_ns, core_free_ns_);
    job->times.core_end_ns = core_free_ns_ = job->times.core_start_ns + job->core_ns;
    job->times.end_ns = job->times.core_end_ns + job->host_ns;
    times_.push_back(job->times);
    running_.push_back(job);
  }
}

void Scheduler::Run() {
  // The kernel may wake a thread 50 us late by default.
  prctl(PR_SET_TIMERSLACK, 1UL);
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    const int64_t now = NowNs();
    GiveCore(now);
    const auto ended = std::stable_partition(running_.begin(), running_.end(),
                                             [now](const auto& job) { return job->times.end_ns > now; });
    std::vector<std::shared_ptr<Job>> done(ended, running_.end());
    running_.erase(ended, running_.end());
    if (!done.empty()) {
      lock.unlock();
      for (const auto& job : done) job->done();
      lock.lock();
      continue;
    }
    int64_t wake_ns = queue_.empty() ? INT64_MAX : core_free_ns_;
    for (const auto& job : running_) wake_ns = std::min(wake_ns, job->times.end_ns);
    if (wake_ns == INT64_MAX)
      changed_.wait(lock);
    else
      changed_.wait_until(lock, Clock::time_point(std::chrono::nanoseconds(wake_ns)));
  }
}

}  // namespace fakednn

int32_t hbFakeGetTaskTimes(int32_t index, hbFakeTaskTimes* times) {
  return index >= 0 && fakednn::Scheduler::Instance().Times(static_cast<size_t>(index), *times) ? 0 : -1;
}
