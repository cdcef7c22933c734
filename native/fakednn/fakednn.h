// What the stand-in exports beside the vendor's ABI: violations, counters, faults and the schedule.
#pragma once

#include <cstdint>

extern "C" {

struct hbFakeCounters {
  uint64_t allocations;
  uint64_t frees;
  uint64_t live_buffers;
  uint64_t flushes;
  uint64_t infers;
  uint64_t waits;
  uint64_t releases;
  uint64_t live_tasks;
};

/// When a task was submitted, held the core and ended; nanoseconds of CLOCK_MONOTONIC by plan, not by waking.
struct hbFakeTaskTimes {
  int64_t submitted_ns;
  int64_t core_start_ns;
  int64_t core_end_ns;
  int64_t end_ns;
};

int32_t hbFakeViolationCount();
/// One violation per line; valid until the next call.
const char* hbFakeViolationText();
/// Forgets violations, counters and the schedule; reads faults from the environment again.
void hbFakeReset();
void hbFakeGetCounters(hbFakeCounters* counters);
/// Status 0, or -1 with a violation for a text that is no fault plan.
int32_t hbFakeSetFaults(const char* plan);
/// Times of the index-th task that got the core since the last reset; -1 when there is none.
int32_t hbFakeGetTaskTimes(int32_t index, hbFakeTaskTimes* times);

}  // extern "C"
