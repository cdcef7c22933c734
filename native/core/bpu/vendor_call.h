// Calls and tasks inside the vendor's library that may never end, and how a process ends all the same.
#pragma once

namespace rdk::bpu {

// The calling thread is inside a call that may not return, while this lives.
class VendorCall {
 public:
  VendorCall();
  ~VendorCall();
  VendorCall(const VendorCall&) = delete;
  VendorCall& operator=(const VendorCall&) = delete;
};

// From now on a task may be on the BPU that nobody waits for.
void CountQuarantinedTask();

// From now on a process that ends during such a call or task ends at once: the vendor's exit handlers and
// static destructors are not run, as they might wait for it or free what it uses. Only handlers that were
// registered before this call are skipped, so it is called after the library has run a task. May be called
// again.
void SkipVendorExitHandlers();

}  // namespace rdk::bpu
