#include "fakednn/schedule.h"

#include <algorithm>
#include <tuple>

namespace rdk::fakednn {
namespace {

bool GoesFirst(const Job& a, const Job& b) {
  return std::make_tuple(-a.priority, a.custom_id, a.submitted_ns) <
         std::make_tuple(-b.priority, b.custom_id, b.submitted_ns);
}

}  // namespace

int64_t Schedule::NextStart() const {
  int64_t earliest_ns = kNever;
  for (const auto& job : queue_) earliest_ns = std::min(earliest_ns, job->submitted_ns);
  return std::max(earliest_ns, core_free_ns_);
}

void Schedule::Advance(int64_t now_ns) {
  while (!queue_.empty()) {
    const int64_t start_ns = NextStart();
    if (start_ns > now_ns) return;
    auto chosen = queue_.end();
    for (auto it = queue_.begin(); it != queue_.end(); ++it) {
      if ((*it)->submitted_ns > start_ns) continue;
      if (chosen == queue_.end() || GoesFirst(**it, **chosen)) chosen = it;
    }
    Job& job = **chosen;
    job.core_start_ns = start_ns;
    job.core_end_ns = start_ns + job.core_ns;
    job.done_ns = job.core_end_ns + job.host_ns;
    core_free_ns_ = job.core_end_ns;
    queue_.erase(chosen);
  }
}

bool Schedule::Cancel(const std::shared_ptr<Job>& job) {
  const auto found = std::find(queue_.begin(), queue_.end(), job);
  if (found == queue_.end()) return false;
  queue_.erase(found);
  return true;
}

}  // namespace rdk::fakednn
