// Who has which slot. Every step names the generation it was granted, so that a holder who comes too late is
// refused instead of reading another frame.
#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

namespace rdk::bpu {

enum class SlotState {
  kFree,
  kWriting,      // A frame is being letterboxed into its input.
  kReady,        // Its input is written and cleaned.
  kRunning,      // Queued or on the BPU.
  kLeased,       // Its outputs are being read.
  kOverdue,      // Nobody waits for its task, which may still run; its release is under way.
  kQuarantined,  // Nobody will know when its task ends: the BPU may still write there, for ever.
};

const char* StateName(SlotState state);

struct Lease {
  int slot = 0;
  uint32_t generation = 0;
};

// Thread safe.
class SlotTable {
 public:
  explicit SlotTable(int count) : entries_(static_cast<size_t>(count)) {}

  // Takes a free slot for writing. Throws `too_many_in_flight` if there is none, `session_closed` after
  // Close.
  Lease Acquire();
  // Moves a leased slot on. Throws `stale_lease` if the lease is not the slot's or it is in another state,
  // and `session_closed` for kRunning after Close.
  void Move(const Lease& lease, SlotState from, SlotState to);
  // Moves a slot whose task may still run to kOverdue or kQuarantined. Returns how many are in one of these
  // states then. Throws as Move.
  int GiveUp(const Lease& lease, SlotState to);
  // Frees a slot that is ready or leased.
  void Release(const Lease& lease);
  // Whether the outputs of the slot are this lease's to read.
  bool IsLeased(const Lease& lease) const;
  // From now on nothing new is begun.
  void Close();

  int count() const { return static_cast<int>(entries_.size()); }
  SlotState StateOf(int slot) const;
  int InUse() const;
  int Overdue() const;
  int Quarantined() const;

 private:
  struct Entry {
    SlotState state = SlotState::kFree;
    uint32_t generation = 0;
  };
  Entry& Checked(const Lease& lease);
  int CountIf(bool (*wanted)(SlotState)) const;
  void MoveLocked(const Lease& lease, SlotState from, SlotState to);

  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
  bool is_closed_ = false;
};

}  // namespace rdk::bpu
