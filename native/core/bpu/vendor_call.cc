#include "core/bpu/vendor_call.h"

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <mutex>

namespace rdk::bpu {
namespace {

std::atomic<int> calls{0};

void EndIfInside(int status, void*) {
  if (calls > 0) _exit(status);
}

}  // namespace

VendorCall::VendorCall() { ++calls; }

VendorCall::~VendorCall() { --calls; }

void SkipVendorExitHandlers() {
  static std::once_flag once;
  // Handlers run in the order opposite to their registration.
  std::call_once(once, [] { on_exit(EndIfInside, nullptr); });
}

}  // namespace rdk::bpu
