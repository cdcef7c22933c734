// Two clocks: the PC's, and for each thread the board's.
//
// A PC wakes a thread late and copies megabytes where the board flushes a cache. On the board's clock of a
// thread a call takes no time, and a wait ends when its task does. That clock is behind the PC's by what the
// thread lost; who stays away from this library for a millisecond is taken to have waited for something else
// and is behind no more.
#pragma once

#include <cstdint>

namespace rdk::fakednn {

// ns of the monotonic clock.
int64_t NowNs();

// A call into the library, for as long as it lives.
class CallClock {
 public:
  CallClock();
  ~CallClock();
  CallClock(const CallClock&) = delete;
  CallClock& operator=(const CallClock&) = delete;

  // When the call began on the board's clock.
  int64_t board_ns() const { return board_ns_; }
  // When it ends there: as it began, unless told otherwise.
  void EndAt(int64_t board_ns) { end_ns_ = board_ns; }

 private:
  int64_t board_ns_;
  int64_t end_ns_;
};

}  // namespace rdk::fakednn
