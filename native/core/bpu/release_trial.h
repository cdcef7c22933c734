// What releasing a task does that is on the BPU, told by memory and not by time: outputs are filled before
// the task, read as soon as its release has returned, and read again when a later task has ended.
#pragma once

#include <memory>

#include "core/bpu/bpu_session.h"

namespace rdk::bpu {

struct ReleaseTrial {
  // False where memory does not hold what was written and flushed before the tasks, or still does after one
  // that was waited for: what is read tells nothing then.
  bool is_coherent = true;
  // False where the task ended within 1 ms: nothing running was released.
  bool was_running = false;
  // From the submission to the call of the release, and from there to its return.
  double ran_ms = 0;
  double release_ms = 0;
  int outputs = 0;
  // Outputs that, after the return, were as a task leaves them that is waited for; and as they were filled.
  int whole = 0;
  int untouched = 0;
  // Outputs that changed after they were read.
  int changed = 0;
};

// Needs two free slots of a session that does nothing else, and blocks until both tasks have ended: without
// end where the release does not return. Throws `bpu_task` or what the later task ends with; memory that may
// still be written to is kept for good then.
ReleaseTrial TryRelease(BpuSession& session, int timeout_ms);

}  // namespace rdk::bpu
