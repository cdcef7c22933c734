#include "core/bpu/vendor_call.h"

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <mutex>

namespace rdk::bpu {
namespace {

std::atomic<int> calls_and_quarantined_tasks{0};

void EndIfBusy(int status, void*) {
  if (calls_and_quarantined_tasks > 0) _exit(status);
}

}  // namespace

VendorCall::VendorCall() { ++calls_and_quarantined_tasks; }

VendorCall::~VendorCall() { --calls_and_quarantined_tasks; }

void CountQuarantinedTask() { ++calls_and_quarantined_tasks; }

void SkipVendorExitHandlers() {
  static std::once_flag once;
  // Handlers run in the order opposite to their registration.
  std::call_once(once, [] { on_exit(EndIfBusy, nullptr); });
}

}  // namespace rdk::bpu
