// The clock of the simulated board, on which late wake-ups and the work of the stand-in itself take no time.
//
// A PC wakes a thread late and copies megabytes where the board flushes a cache. What a thread lost that way
// since the end of the task it waited for is its lag; its next task counts as submitted that much earlier.
#pragma once

#include <cstdint>

namespace rdk::fakednn {

// ns of the monotonic clock.
int64_t NowNs();

// The calling thread waited for a task that ended at `end_ns`: its lag is what has passed since.
void StartLag(int64_t end_ns);
// Takes the lag of the calling thread; 0 where it waited for no task since the last time.
int64_t TakeLag();

// Adds its own life to the lag of the thread, if that has one.
class LagScope {
 public:
  LagScope() : start_ns_(NowNs()) {}
  ~LagScope();
  LagScope(const LagScope&) = delete;
  LagScope& operator=(const LagScope&) = delete;

 private:
  int64_t start_ns_;
};

}  // namespace rdk::fakednn
