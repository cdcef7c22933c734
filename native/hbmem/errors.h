// Errors of this addon: a code for the program, a message with the numbers for people.
#pragma once

#include <rcl/error_handling.h>
#include <rcl/types.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace rdk::hbmem {

class HbmemError : public std::runtime_error {
 public:
  HbmemError(std::string code, const std::string& message, std::string call = {}, int status = 0)
      : std::runtime_error(message), code_(std::move(code)), call_(std::move(call)), status_(status) {}

  const std::string& code() const { return code_; }
  // The rcl function that failed; empty where none did.
  const std::string& call() const { return call_; }
  int status() const { return status_; }

 private:
  std::string code_;
  std::string call_;
  int status_;
};

// Takes rcl's message for the last failure of this thread and clears it.
inline std::string TakeRclMessage() {
  std::string message = rcl_error_is_set() ? rcl_get_error_string().str : "no message";
  rcl_reset_error();
  return message;
}

inline HbmemError RclError(const char* call, rcl_ret_t status) {
  return HbmemError(
      "rcl", std::string(call) + " failed with status " + std::to_string(status) + ": " + TakeRclMessage(),
      call, status);
}

inline void CheckRcl(const char* call, rcl_ret_t status) {
  if (status != RCL_RET_OK) throw RclError(call, status);
}

}  // namespace rdk::hbmem
