// The tasks of the BPU: who holds a handle, what runs, when outputs appear.
//
// There is no thread in here. Everything that happened until a call is caught up with at its start
// (`Advance`), and who waits sleeps until the time the schedule names.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "fakednn/model.h"
#include "fakednn/schedule.h"

namespace rdk::fakednn {

struct Task {
  std::shared_ptr<Model> model;
  std::shared_ptr<Job> job;
  std::vector<Range> inputs;
  std::vector<Range> outputs;
  std::shared_ptr<const Answer> answer;
  bool is_hung = false;
  // Of a task that hangs: from the call of its release until the device writes; negative for never.
  double late_ms = -1;
  // When that is.
  int64_t stray_ns = kNever;
  bool is_waited = false;
  bool is_done = false;
  // Its release was asked for, and may not have returned yet.
  bool is_released = false;
};

class Device {
 public:
  // Throws Refusal TASK_NUM_EXCEED_LIMIT.
  void CheckRoom() const;
  // Returns the handle.
  void* Submit(std::shared_ptr<Task> task, int64_t submitted_ns);
  // Null where no such handle is valid.
  std::shared_ptr<Task> Find(void* handle) const;
  // Blocks until the task is done or the time is over (0: no limit); status of the vendor.
  int32_t Wait(const std::shared_ptr<Task>& task, int32_t timeout_ms, std::unique_lock<std::mutex>& lock);
  // Ends the handle. A task that waits for the core is dropped; one that runs is waited for without limit, as
  // nobody can stop the core. Returns whether it was.
  bool Release(void* handle, std::unique_lock<std::mutex>& lock);
  // Ends the handle of a release that fails: the task goes on.
  void Forget(void* handle);
  void Advance(int64_t now_ns);

  // Tasks whose release has not returned.
  size_t count() const { return handles_.size(); }
  // Why the model may not be released; null where it may.
  const char* UseOf(const Model& model) const;
  // True while a task that is not done, released or not, reads or writes there.
  bool IsUsing(const Range& range) const;

 private:
  // Sleeps until the task may be done, at most until then.
  void SleepTowards(const Task& task, int64_t limit_ns, std::unique_lock<std::mutex>& lock);

  std::map<void*, std::shared_ptr<Task>> handles_;
  // Not done yet.
  std::vector<std::shared_ptr<Task>> unfinished_;
  Schedule schedule_;
  uint64_t next_handle_ = 0x10;
  std::condition_variable changed_;
};

}  // namespace rdk::fakednn
