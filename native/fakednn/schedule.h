// One BPU core: who runs when. Arithmetic on given times only; nothing in here waits or asks a clock.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

namespace rdk::fakednn {

constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
// Time on the core of a task that never leaves it; sums of it are still numbers.
constexpr int64_t kForEverNs = kNever / 8;

// A task: alone on the core for `core_ns`, then beside others for `host_ns`.
struct Job {
  int64_t submitted_ns = 0;
  int64_t core_ns = 0;
  int64_t host_ns = 0;
  // Larger goes first; among equals the smaller `custom_id`, then who came first.
  int32_t priority = 0;
  int64_t custom_id = 0;

  int64_t core_start_ns = kNever;
  int64_t core_end_ns = kNever;
  int64_t done_ns = kNever;
};

class Schedule {
 public:
  void Submit(std::shared_ptr<Job> job) { queue_.push_back(std::move(job)); }
  // Gives times to all jobs that start until then. Who waits for the core is not chosen before it is free.
  void Advance(int64_t now_ns);
  // False where the job has started.
  bool Cancel(const std::shared_ptr<Job>& job);
  // When the next waiting job starts.
  int64_t NextStart() const;

 private:
  std::vector<std::shared_ptr<Job>> queue_;
  int64_t core_free_ns_ = 0;
};

}  // namespace rdk::fakednn
