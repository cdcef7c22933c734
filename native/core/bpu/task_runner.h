// Runs slots on the BPU from threads of its own, one per task in flight: submit, wait, release, invalidate,
// report.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/coded_error.h"
#include "core/bpu/counters.h"
#include "core/bpu/dnn_library.h"
#include "core/bpu/dnn_model.h"
#include "core/bpu/overdue_tasks.h"
#include "core/bpu/slot.h"
#include "core/bpu/slot_table.h"

namespace rdk::bpu {

// How one task ended. Done: the slot is leased. Failed: it is free again, overdue or quarantined.
struct TaskOutcome {
  // None when it was done. Among its details is `slotsOut`: the slots whose tasks are not known to have
  // ended, its own among them; 0 where its own has.
  std::optional<CodedError> error;
  // From the input being ready to the submission, and from there to readable outputs.
  double queue_ms = 0;
  double infer_ms = 0;
};

// What the threads work with; a thread that is stuck in a vendor call keeps it.
struct TaskContext {
  std::shared_ptr<const DnnLibrary> library;
  std::shared_ptr<DnnModel> model;
  std::shared_ptr<Counters> counters;
  std::vector<std::shared_ptr<Slot>> slots;
  std::shared_ptr<SlotTable> table;
  // Of every task; of those that wait for the BPU the highest goes first.
  int priority = 0;
};

class TaskRunner : public std::enable_shared_from_this<TaskRunner> {
 public:
  // Called on a thread of the runner, once per submitted lease; must not block.
  using Done = std::function<void(const Lease&, const TaskOutcome&)>;

  TaskRunner(TaskContext context, int timeout_ms, Done done);
  TaskRunner(const TaskRunner&) = delete;
  TaskRunner& operator=(const TaskRunner&) = delete;

  // Throws `bpu_memory` where the system has no more threads; those that were started end then.
  void Start(int thread_count);
  // Queues a slot that is ready. Throws as SlotTable::Move.
  void Submit(const Lease& lease);
  // Runs a slot that is ready in the calling thread.
  TaskOutcome RunHere(const Lease& lease, int timeout_ms);
  // Waits for the tasks on the BPU, the overdue ones too, and fails those that are only queued. False if one
  // of its own threads is still inside a vendor call after `timeout`; that thread is left to itself then.
  bool Stop(std::chrono::milliseconds timeout);

 private:
  void Work();
  // Sets `unreleased` to the task where its slot is overdue: Release must follow, once the outcome is told.
  TaskOutcome Execute(const Lease& lease, int timeout_ms, hbDNNTaskHandle_t& unreleased);
  void Release(const Lease& lease, hbDNNTaskHandle_t unreleased);
  // Moves the slot of a failed task to `next`; the outcome carries the error.
  TaskOutcome EndFailed(const Lease& lease, SlotState next, ErrorCode code, const char* call, int32_t status,
                        const std::string& detail = "");

  TaskOutcome NotSubmitted(const Lease& lease);

  TaskContext context_;
  const int timeout_ms_;
  const Done done_;
  const std::shared_ptr<OverdueTasks> overdue_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Room for every slot, so that nothing is allocated for a frame.
  std::vector<Lease> queue_;
  int threads_alive_ = 0;
  bool is_stopped_ = false;
};

}  // namespace rdk::bpu
