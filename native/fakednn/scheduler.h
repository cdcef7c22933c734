// One BPU core: tasks hold it one at a time, then finish on the host beside each other.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "fakednn/fakednn.h"

namespace fakednn {

/// Nanoseconds of CLOCK_MONOTONIC.
int64_t NowNs();

struct Job {
  int32_t priority = 0;
  int64_t custom_id = 0;
  int64_t core_ns = 0;
  int64_t host_ns = 0;
  hbFakeTaskTimes times = {};
  /// Called by the scheduler's thread when the job ends by plan.
  std::function<void()> done;
};

class Scheduler {
 public:
  static Scheduler& Instance();

  /// `job.times.submitted_ns` is set by the caller.
  void Submit(std::shared_ptr<Job> job);
  /// Takes a job out that has not got the core yet. False when it has.
  bool Withdraw(const std::shared_ptr<Job>& job);
  void ResetTimes();
  bool Times(size_t index, hbFakeTaskTimes& times);

 private:
  Scheduler();

  void Run();
  /// Needs the lock.
  void GiveCore(int64_t now_ns);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::shared_ptr<Job>> queue_;
  std::vector<std::shared_ptr<Job>> running_;
  std::vector<hbFakeTaskTimes> times_;
  int64_t core_free_ns_ = 0;
};

}  // namespace fakednn
