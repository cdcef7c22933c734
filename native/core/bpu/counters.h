// What one session did with memory and tasks; the proof that frames are not copied reads it.
#pragma once

#include <atomic>
#include <cstdint>

namespace rdk::bpu {

struct Counters {
  std::atomic<uint64_t> allocations{0};
  std::atomic<uint64_t> allocated_bytes{0};
  std::atomic<uint64_t> frees{0};
  std::atomic<uint64_t> failed_frees{0};
  std::atomic<uint64_t> cleans{0};
  std::atomic<uint64_t> invalidates{0};
  std::atomic<uint64_t> source_reads{0};
  std::atomic<uint64_t> preview_reads{0};
  std::atomic<uint64_t> input_writes{0};
  std::atomic<uint64_t> tasks_submitted{0};
  std::atomic<uint64_t> tasks_released{0};
  std::atomic<uint64_t> tasks_done{0};
  std::atomic<uint64_t> tasks_refused{0};
  std::atomic<uint64_t> tasks_failed{0};
  std::atomic<uint64_t> tasks_timed_out{0};
};

}  // namespace rdk::bpu
