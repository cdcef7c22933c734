#include "core/bpu/slot_table.h"

#include <algorithm>
#include <string>

#include "core/bpu/vendor_status.h"

namespace rdk::bpu {
namespace {

bool IsOut(SlotState state) { return state == SlotState::kOverdue || state == SlotState::kQuarantined; }

}  // namespace

const char* StateName(SlotState state) {
  switch (state) {
    case SlotState::kFree:
      return "free";
    case SlotState::kWriting:
      return "being written";
    case SlotState::kReady:
      return "ready";
    case SlotState::kRunning:
      return "running";
    case SlotState::kLeased:
      return "being read";
    case SlotState::kOverdue:
      return "overdue";
    case SlotState::kQuarantined:
      return "quarantined";
  }
  return "unknown";
}

Lease SlotTable::Acquire() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (is_closed_) throw CodedError(ErrorCode::kSessionClosed, "The BPU session is closed");
  for (size_t slot = 0; slot < entries_.size(); ++slot) {
    Entry& entry = entries_[slot];
    if (entry.state != SlotState::kFree) continue;
    entry.state = SlotState::kWriting;
    return {static_cast<int>(slot), ++entry.generation};
  }
  throw CodedError(ErrorCode::kTooManyInFlight,
                   "All " + std::to_string(entries_.size()) + " slots of the BPU session are in use");
}

SlotTable::Entry& SlotTable::Checked(const Lease& lease) {
  if (lease.slot < 0 || lease.slot >= count()) {
    throw CodedError(ErrorCode::kStaleLease,
                     "slot " + std::to_string(lease.slot) + " of " + std::to_string(count()));
  }
  Entry& entry = entries_[static_cast<size_t>(lease.slot)];
  if (entry.generation != lease.generation) {
    throw CodedError(ErrorCode::kStaleLease, "slot " + std::to_string(lease.slot) + " is in generation " +
                                                 std::to_string(entry.generation) +
                                                 "; the lease is of generation " +
                                                 std::to_string(lease.generation));
  }
  return entry;
}

void SlotTable::Move(const Lease& lease, SlotState from, SlotState to) {
  const std::lock_guard<std::mutex> lock(mutex_);
  MoveLocked(lease, from, to);
}

int SlotTable::GiveUp(const Lease& lease, SlotState to) {
  const std::lock_guard<std::mutex> lock(mutex_);
  MoveLocked(lease, SlotState::kRunning, to);
  return static_cast<int>(
      std::count_if(entries_.begin(), entries_.end(), [](const Entry& entry) { return IsOut(entry.state); }));
}

void SlotTable::MoveLocked(const Lease& lease, SlotState from, SlotState to) {
  Entry& entry = Checked(lease);
  if (entry.state != from) {
    throw CodedError(ErrorCode::kStaleLease, "slot " + std::to_string(lease.slot) + " is " +
                                                 StateName(entry.state) + "; expected " + StateName(from));
  }
  if (is_closed_ && to == SlotState::kRunning) {
    throw CodedError(ErrorCode::kSessionClosed, "The BPU session is closed");
  }
  entry.state = to;
}

void SlotTable::Release(const Lease& lease) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Entry& entry = Checked(lease);
  if (entry.state != SlotState::kReady && entry.state != SlotState::kLeased) {
    throw CodedError(ErrorCode::kStaleLease, "slot " + std::to_string(lease.slot) + " is " +
                                                 StateName(entry.state) + "; expected ready or being read");
  }
  entry.state = SlotState::kFree;
}

bool SlotTable::IsLeased(const Lease& lease) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (lease.slot < 0 || lease.slot >= count()) return false;
  const Entry& entry = entries_[static_cast<size_t>(lease.slot)];
  return entry.generation == lease.generation && entry.state == SlotState::kLeased;
}

void SlotTable::Close() {
  const std::lock_guard<std::mutex> lock(mutex_);
  is_closed_ = true;
}

SlotState SlotTable::StateOf(int slot) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return entries_[static_cast<size_t>(slot)].state;
}

int SlotTable::CountIf(bool (*wanted)(SlotState)) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return static_cast<int>(std::count_if(entries_.begin(), entries_.end(),
                                        [wanted](const Entry& entry) { return wanted(entry.state); }));
}

int SlotTable::InUse() const {
  return CountIf([](SlotState state) { return state != SlotState::kFree && !IsOut(state); });
}

int SlotTable::Overdue() const {
  return CountIf([](SlotState state) { return state == SlotState::kOverdue; });
}

int SlotTable::Quarantined() const {
  return CountIf([](SlotState state) { return state == SlotState::kQuarantined; });
}

}  // namespace rdk::bpu
