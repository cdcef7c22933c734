// Errors of the BPU code: a code for the program, a message with the numbers for people, the vendor's status.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace rdk::bpu {

// libdnn cannot be loaded, lacks a symbol, or is of another generation.
inline constexpr char kLibraryCode[] = "dnn_library";
// The model file or its tensors are not what this code can run.
inline constexpr char kModelCode[] = "bpu_model";
// The file holds several models, and the name given does not pick one of them.
inline constexpr char kModelNameCode[] = "bpu_model_name";
inline constexpr char kMemoryCode[] = "bpu_memory";
// The session is closed or was never opened.
inline constexpr char kSessionClosedCode[] = "session_closed";
// All slots are in use.
inline constexpr char kNoSlotCode[] = "too_many_in_flight";
// A lease of a slot that has passed on to another frame, or a step out of order: a bug in the caller.
inline constexpr char kLeaseCode[] = "stale_lease";
// Another process, or too many tasks of ours, fill the BPU's queue: the task was refused.
inline constexpr char kBusyCode[] = "bpu_busy";
inline constexpr char kTimeoutCode[] = "bpu_timeout";
// One task failed; the next may succeed.
inline constexpr char kTaskCode[] = "bpu_task";
// The session cannot go on.
inline constexpr char kDeadCode[] = "bpu_dead";

// `call` and `status` are the vendor's; `call` is empty where no vendor call failed.
class BpuError : public std::runtime_error {
 public:
  BpuError(const char* code, const std::string& message, const char* call = "", int32_t status = 0)
      : std::runtime_error(message), code_(code), call_(call), status_(status) {}

  const char* code() const { return code_; }
  const char* call() const { return call_; }
  int32_t status() const { return status_; }

 private:
  const char* code_;
  const char* call_;
  int32_t status_;
};

// `hbDNNInfer: RUN_TASK_FAILED (-6000012)`, with what it means where the name does not say it.
std::string DescribeStatus(const char* call, int32_t status);

// Throws `<what>: <call>: <NAME> (<status>)` unless the status is 0.
void CheckStatus(const char* code, const std::string& what, const char* call, int32_t status);

}  // namespace rdk::bpu
