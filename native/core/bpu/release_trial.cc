#include "core/bpu/release_trial.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <numeric>
#include <vector>

#include "core/bpu/vendor_call.h"
#include "core/bpu/vendor_status.h"

namespace rdk::bpu {
namespace {

using Clock = std::chrono::steady_clock;
using Bytes = std::vector<uint8_t>;

// The shortest limit there is.
constexpr int kShortestWaitMs = 1;

double MillisecondsBetween(Clock::time_point start, Clock::time_point end) {
  return std::chrono::duration<double, std::milli>(end - start).count();
}

void Check(const char* call, int32_t status) {
  CheckStatus(ErrorCode::kBpuTask, "the trial of a release", call, status);
}

// No result of a model looks so.
Bytes Filling(size_t size_bytes) {
  Bytes bytes(size_bytes);
  uint32_t state = 1;
  for (uint8_t& byte : bytes) {
    state = state * 1664525u + 1013904223u;
    byte = static_cast<uint8_t>(state >> 24);
  }
  return bytes;
}

bool Holds(const DeviceBuffer& buffer, const Bytes& bytes) {
  return std::memcmp(buffer.data(), bytes.data(), bytes.size()) == 0;
}

// A slot with a grey input and filled outputs.
class FilledSlot {
 public:
  explicit FilledSlot(BpuSession& session)
      : table_(session.table()), lease_(table_->Acquire()), slot_(session.SlotAt(lease_.slot)) {
    try {
      WriteGrey(session.model().input_layout(), slot_->input.data());
      Check("hbSysFlushMem", slot_->input.Clean());
      for (DeviceBuffer& output : slot_->outputs) {
        fillings_.push_back(Filling(output.size_bytes()));
        std::memcpy(output.data(), fillings_.back().data(), output.size_bytes());
        Check("hbSysFlushMem", output.Clean());
        Check("hbSysFlushMem", output.Invalidate());
        holds_filling_ = holds_filling_ && Holds(output, fillings_.back());
      }
    } catch (...) {
      table_->Move(lease_, SlotState::kWriting, SlotState::kFree);
      throw;
    }
    slot_->ready_at = Clock::now();
    table_->Move(lease_, SlotState::kWriting, SlotState::kReady);
  }
  ~FilledSlot() {
    if (is_ours_) table_->Release(lease_);
  }
  FilledSlot(const FilledSlot&) = delete;
  FilledSlot& operator=(const FilledSlot&) = delete;

  // A task may write here for good.
  void Quarantine(DnnModel& model) {
    is_ours_ = false;
    table_->Move(lease_, SlotState::kReady, SlotState::kRunning);
    rdk::bpu::Quarantine(*slot_, model);
    table_->GiveUp(lease_, SlotState::kQuarantined);
  }
  // The runner has freed it or given it up.
  void Leave() { is_ours_ = false; }

  const Lease& lease() const { return lease_; }
  Slot& slot() { return *slot_; }
  const std::vector<Bytes>& fillings() const { return fillings_; }
  bool holds_filling() const { return holds_filling_; }

 private:
  const std::shared_ptr<SlotTable> table_;
  const Lease lease_;
  const std::shared_ptr<Slot> slot_;
  std::vector<Bytes> fillings_;
  bool holds_filling_ = true;
  bool is_ours_ = true;
};

// The smallest first: the sooner after the release one is read, the less a task that goes on has written.
std::vector<size_t> BySize(const std::vector<DeviceBuffer>& outputs) {
  std::vector<size_t> order(outputs.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return outputs[a].size_bytes() < outputs[b].size_bytes(); });
  return order;
}

// Submits a task, waits for it as short as can be and releases it. False where it ended by then.
bool ReleaseRunning(BpuSession& session, Slot& slot, ReleaseTrial& trial) {
  const DnnLibrary& library = session.library();
  const VendorCall inside;
  hbDNNTaskHandle_t task = nullptr;
  hbDNNTensor* outputs = slot.output_tensors.data();
  hbDNNInferCtrlParam control{};
  control.priority = session.priority();
  const Clock::time_point start = Clock::now();
  Check("hbDNNInfer",
        library->hbDNNInfer(&task, &outputs, &slot.input_tensor, session.model().handle(), &control));
  const int32_t waited = library->hbDNNWaitTaskDone(task, kShortestWaitMs);
  const Clock::time_point called = Clock::now();
  const int32_t released = library->hbDNNReleaseTask(task);
  const Clock::time_point returned = Clock::now();
  Check("hbDNNReleaseTask", released);
  if (waited != HB_DNN_SUCCESS && waited != HB_DNN_TIMEOUT) Check("hbDNNWaitTaskDone", waited);
  trial.ran_ms = MillisecondsBetween(start, called);
  trial.release_ms = MillisecondsBetween(called, returned);
  return waited == HB_DNN_TIMEOUT;
}

// Reads the outputs, lets a later task end, and compares.
void Compare(BpuSession& session, FilledSlot& released, FilledSlot& later, int timeout_ms,
             ReleaseTrial& trial) {
  std::vector<DeviceBuffer>& outputs = released.slot().outputs;
  std::vector<Bytes> at_return(outputs.size());
  for (const size_t at : BySize(outputs)) {
    Check("hbSysFlushMem", outputs[at].Invalidate());
    at_return[at].assign(outputs[at].data(), outputs[at].data() + outputs[at].size_bytes());
  }
  const TaskOutcome outcome = session.RunHere(later.lease(), timeout_ms);
  if (outcome.error) {
    later.Leave();
    throw CodedError(*outcome.error);
  }
  trial.outputs = static_cast<int>(outputs.size());
  for (size_t at = 0; at < outputs.size(); ++at) {
    Check("hbSysFlushMem", outputs[at].Invalidate());
    trial.changed += Holds(outputs[at], at_return[at]) ? 0 : 1;
    trial.untouched += at_return[at] == released.fillings()[at] ? 1 : 0;
    const DeviceBuffer& ended = later.slot().outputs[at];
    trial.whole += Holds(ended, at_return[at]) ? 1 : 0;
    // A task has written here and was waited for: what still looks filled is what the cache kept.
    trial.is_coherent = trial.is_coherent && !Holds(ended, later.fillings()[at]);
  }
}

}  // namespace

ReleaseTrial TryRelease(BpuSession& session, int timeout_ms) {
  ReleaseTrial trial;
  FilledSlot released(session);
  FilledSlot later(session);
  trial.is_coherent = released.holds_filling() && later.holds_filling();
  if (!trial.is_coherent) return trial;
  try {
    trial.was_running = ReleaseRunning(session, released.slot(), trial);
    if (trial.was_running) Compare(session, released, later, timeout_ms, trial);
  } catch (...) {
    released.Quarantine(session.mutable_model());
    throw;
  }
  return trial;
}

}  // namespace rdk::bpu
