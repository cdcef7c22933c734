#include "fakednn/clock.h"

#include <algorithm>
#include <chrono>

namespace rdk::fakednn {
namespace {

constexpr int64_t kAwayNs = 1'000'000;
// About what the core needs for one task: copies and waking take less. Who is later than that is too slow for
// the rate, and would only make up a burst.
constexpr int64_t kMaxBehindNs = 6'000'000;

thread_local int64_t behind_ns = 0;
thread_local int64_t left_ns = 0;

}  // namespace

int64_t NowNs() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

CallClock::CallClock() {
  const int64_t now_ns = NowNs();
  if (now_ns - left_ns > kAwayNs) behind_ns = 0;
  board_ns_ = end_ns_ = now_ns - behind_ns;
}

CallClock::~CallClock() {
  left_ns = NowNs();
  behind_ns = std::clamp<int64_t>(left_ns - end_ns_, 0, kMaxBehindNs);
}

}  // namespace rdk::fakednn
