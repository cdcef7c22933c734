// A loaded model with its slots and threads. Sessions are known to the whole process by their number, so that
// worker threads can look at slot memory without a handle of their own.
#pragma once

#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/bpu/task_runner.h"

namespace rdk::bpu {

struct SessionOptions {
  // See DnnLibrary::Open and DnnModel.
  std::string library_path;
  std::string model_path;
  std::string model_name;
  int slot_count = 0;
  // Tasks on the BPU at once.
  int task_count = 0;
  int task_timeout_ms = 0;
  // Of tasks that wait the vendor's library takes the highest first, 0 to 255.
  int priority = 0;
};

struct CloseReport {
  // False if a thread was still inside a vendor call: its slots and the model are its own now.
  bool is_drained = true;
  // How many bytes such threads keep until they return; what is in quarantine is not among them.
  uint64_t held_bytes = 0;
  // Slots of tasks of which nobody will know the end; their memory is never freed.
  int quarantined_slots = 0;
  uint64_t quarantined_bytes = 0;
  // Allocations that hbSysFreeMem did not take back.
  uint64_t failed_frees = 0;
  // The model was not given back, because such a thread or task may still use it. The last thread gives it
  // back, unless a slot is in quarantine.
  bool is_model_kept = false;
  // What hbDNNRelease answered.
  int32_t release_status = 0;
};

class BpuSession {
 public:
  // Loads the model, allocates everything, runs the model once on grey and registers the session. Throws
  // CodedError and leaves nothing behind.
  static std::shared_ptr<BpuSession> Open(const SessionOptions& options, TaskRunner::Done done);
  // Null if there is none of that number, or it is closed.
  static std::shared_ptr<BpuSession> Find(uint32_t id);

  BpuSession(const BpuSession&) = delete;
  BpuSession& operator=(const BpuSession&) = delete;

  uint32_t id() const { return id_; }
  const DnnLibrary& library() const { return *context_.library; }
  const DnnModel& model() const { return *context_.model; }
  DnnModel& mutable_model() { return *context_.model; }
  int priority() const { return context_.priority; }
  const Counters& counters() const { return *context_.counters; }
  Counters& mutable_counters() { return *context_.counters; }
  const std::shared_ptr<SlotTable>& table() const { return context_.table; }

  // All slots, and one of them. Throw `session_closed` after the close.
  std::vector<std::shared_ptr<Slot>> Slots() const;
  std::shared_ptr<Slot> SlotAt(int index) const;

  // As TaskRunner::Submit. Does not wait for a close in another thread.
  void Submit(const Lease& lease);
  // As TaskRunner::RunHere.
  TaskOutcome RunHere(const Lease& lease, int timeout_ms);

  // Stops, waits for tasks on the BPU at most `timeout`, gives the model back and frees the memory, but what
  // is viewed: that goes with its last view. Later calls wait for the first and return its report. Any
  // thread.
  CloseReport Close(std::chrono::milliseconds timeout);

 private:
  BpuSession(const SessionOptions& options, TaskRunner::Done done);
  void RunOnGrey(int timeout_ms);
  CloseReport CloseOnce(TaskRunner& runner, std::chrono::milliseconds timeout);

  uint32_t id_ = 0;
  // From the first close on the mutex guards the slots; after the close there are none.
  TaskContext context_;
  mutable std::mutex mutex_;
  // Null once a close has begun.
  std::shared_ptr<TaskRunner> runner_;
  std::shared_future<CloseReport> closing_;
};

// Writes a model input that is all grey: Y 114, U = V = 128, or the same in RGB.
void WriteGrey(const InputLayout& layout, uint8_t* input);

}  // namespace rdk::bpu
