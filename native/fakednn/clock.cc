#include "fakednn/clock.h"

#include <algorithm>
#include <chrono>
#include <optional>

namespace rdk::fakednn {
namespace {

struct Lag {
  int64_t sum_ns;
  int64_t started_ns;
};

thread_local std::optional<Lag> lag;

}  // namespace

int64_t NowNs() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

void StartLag(int64_t end_ns) {
  const int64_t now_ns = NowNs();
  lag = Lag{now_ns - end_ns, now_ns};
}

int64_t TakeLag() {
  const int64_t taken_ns = lag.has_value() ? lag->sum_ns : 0;
  lag.reset();
  return taken_ns;
}

LagScope::~LagScope() {
  if (lag.has_value()) lag->sum_ns += NowNs() - std::max(start_ns_, lag->started_ns);
}

}  // namespace rdk::fakednn
