// Threads inside calls of the vendor's library that may last for ever, and the end of a process that has
// some.
#pragma once

namespace rdk::bpu {

// Counts the calling thread while it lives.
class VendorCall {
 public:
  VendorCall();
  ~VendorCall();
  VendorCall(const VendorCall&) = delete;
  VendorCall& operator=(const VendorCall&) = delete;
};

// From now on a process that ends while a thread is inside such a call ends at once: the vendor's exit
// handlers and static destructors, which may wait for that call or take its ground away, are not run. Only
// those that were registered before are skipped, so it is called after the library has run a task. May be
// called again.
void SkipVendorExitHandlers();

}  // namespace rdk::bpu
