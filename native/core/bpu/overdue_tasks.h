// Tasks that nobody waits for any more. hbDNNReleaseTask of a task that is on the BPU returns when the BPU
// has ended it, which may be never: each is released on a thread of its own.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>

#include "core/bpu/counters.h"
#include "core/bpu/dnn_library.h"
#include "core/bpu/dnn_model.h"
#include "core/bpu/slot.h"
#include "core/bpu/slot_table.h"
#include "core/bpu/vendor_call.h"

namespace rdk::bpu {

// A task and what it may still use, which its thread keeps.
struct OverdueTask {
  hbDNNTaskHandle_t handle = nullptr;
  Lease lease;
  std::shared_ptr<const DnnLibrary> library;
  std::shared_ptr<DnnModel> model;
  std::shared_ptr<Counters> counters;
  std::shared_ptr<SlotTable> table;
  std::shared_ptr<Slot> slot;
};

// Nobody will know when a task ends: its slot and its model are never given back.
void Quarantine(Slot& slot, DnnModel& model);

class OverdueTasks : public std::enable_shared_from_this<OverdueTasks> {
 public:
  OverdueTasks() = default;
  OverdueTasks(const OverdueTasks&) = delete;
  OverdueTasks& operator=(const OverdueTasks&) = delete;

  // Takes a task whose slot is overdue, and returns at once. The slot is free when the release has returned
  // 0; it is quarantined where the release fails or the system has no thread or no memory for it.
  void Release(OverdueTask task) noexcept;
  // False if a release has not returned by then.
  bool WaitUntil(std::chrono::steady_clock::time_point deadline);

 private:
  // One release that WaitUntil waits for, while this lives.
  class Count {
   public:
    explicit Count(std::shared_ptr<OverdueTasks> tasks);
    ~Count();
    Count(const Count&) = delete;
    Count& operator=(const Count&) = delete;

   private:
    const std::shared_ptr<OverdueTasks> tasks_;
  };

  // Members are destroyed in the reverse order: whoever waits for the count finds task and call gone.
  struct Pending {
    Pending(std::shared_ptr<OverdueTasks> tasks, OverdueTask given)
        : count(std::move(tasks)), task(std::move(given)) {}
    const Count count;
    OverdueTask task;
    // Counts from here on, not only once the thread has started.
    const VendorCall call;
  };
  static void Work(Pending& pending);

  std::mutex mutex_;
  std::condition_variable changed_;
  int pending_ = 0;
};

}  // namespace rdk::bpu
