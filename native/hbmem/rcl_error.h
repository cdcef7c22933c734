// Failures of rcl with what it says about them.
#pragma once

#include <rcl/error_handling.h>
#include <rcl/types.h>

#include <string>

#include "common/coded_error.h"

namespace rdk::hbmem {

// Takes rcl's message for the last failure of this thread and clears it.
inline std::string TakeRclMessage() {
  std::string message = rcl_error_is_set() ? rcl_get_error_string().str : "no message";
  rcl_reset_error();
  return message;
}

inline CodedError RclError(const char* call, rcl_ret_t status) {
  return CallError(
      ErrorCode::kRcl,
      std::string(call) + " failed with status " + std::to_string(status) + ": " + TakeRclMessage(), call,
      status);
}

inline void CheckRcl(const char* call, rcl_ret_t status) {
  if (status != RCL_RET_OK) throw RclError(call, status);
}

}  // namespace rdk::hbmem
