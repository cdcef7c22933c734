// What may go on inside the vendor's library for ever, and the end of a process meanwhile.
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
void CountLostTask();

// From now on a process that ends with such a call or task ends at once: the vendor's exit handlers and
// static destructors, which may wait for it or take its ground away, are not run. Only those that were
// registered before are skipped, so it is called after the library has run a task. May be called again.
void SkipVendorExitHandlers();

}  // namespace rdk::bpu
