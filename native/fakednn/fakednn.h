// What fakednn exports beyond the vendor's library, for tests.
#pragma once

#include <cstdint>

extern "C" {

// What was not given back.
struct hbFakeHeld {
  int64_t memory;
  int64_t tasks;
  int64_t models;
};

// Monotonic clock, ns. What has not come yet is -1.
struct hbFakeTimes {
  int64_t submitted_ns;
  int64_t core_start_ns;
  int64_t core_end_ns;
  int64_t done_ns;
};

// Breaches of the vendor's rules since the library was loaded.
int64_t hbFakeViolationCount();
// The text of one, counted from 0; empty beyond the last and beyond the 1000 that are kept.
const char* hbFakeViolationText(int64_t index);
int32_t hbFakeGetHeld(hbFakeHeld* held);
// When the device does a task that was not released yet.
int32_t hbFakeGetTaskTimes(hbFakeTimes* times, void* task);

}  // extern "C"
