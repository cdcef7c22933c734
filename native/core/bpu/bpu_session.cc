#include "core/bpu/bpu_session.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <string>
#include <utility>
#include <variant>

#include "core/bpu/vendor_call.h"
#include "core/bpu/vendor_status.h"
#include "core/pixels.h"

namespace rdk::bpu {
namespace {

// The first inference may take longer than those to come.
constexpr int kFirstTimeoutMs = 10'000;
// How long one that timed out may then take to be released.
constexpr std::chrono::milliseconds kFirstReleaseLimit(1000);

class Registry {
 public:
  // Never destroyed: threads may look into it while the process ends.
  static Registry& Get() {
    static Registry* const registry = std::make_unique<Registry>().release();
    return *registry;
  }

  uint32_t Add(const std::shared_ptr<BpuSession>& session) {
    const std::lock_guard<std::mutex> lock(mutex_);
    sessions_[++last_id_] = session;
    return last_id_;
  }
  void Remove(uint32_t id) {
    const std::lock_guard<std::mutex> lock(mutex_);
    sessions_.erase(id);
  }
  std::shared_ptr<BpuSession> Find(uint32_t id) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = sessions_.find(id);
    return found == sessions_.end() ? nullptr : found->second.lock();
  }

 private:
  std::mutex mutex_;
  std::map<uint32_t, std::weak_ptr<BpuSession>> sessions_;
  uint32_t last_id_ = 0;
};

template <typename Value>
Value DetailOf(const CodedError& error, const char* name) {
  for (const ErrorDetail& detail : error.details()) {
    if (std::strcmp(detail.name, name) == 0) return std::get<Value>(detail.value);
  }
  return Value();
}

// The model is to blame for a first inference that the BPU refuses or fails at, and not for what becomes of
// the task besides: its wait, its release and the flush after it.
ErrorCode CodeOfFirst(const CodedError& error) {
  if (DetailOf<int32_t>(error, "status") == HB_DNN_OUT_OF_MEMORY) return ErrorCode::kBpuMemory;
  if (error.code() == ErrorCode::kBpuTask) return ErrorCode::kBpuModel;
  const bool made_no_task =
      DetailOf<std::string>(error, "call") == "hbDNNInfer" && DetailOf<int32_t>(error, "slotsOut") == 0;
  return error.code() == ErrorCode::kBpuDead && made_no_task ? ErrorCode::kBpuModel : error.code();
}

CodedError ClosedError() { return CodedError(ErrorCode::kSessionClosed, "The BPU session is closed"); }

}  // namespace

void WriteGrey(const InputLayout& layout, uint8_t* input) {
  const size_t plane_bytes = static_cast<size_t>(layout.pitch_bytes) * static_cast<size_t>(layout.height_px);
  if (layout.form == InputForm::kNv12) {
    std::memset(input, kPadY, plane_bytes);
    std::memset(input + plane_bytes, kPadUv, plane_bytes / 2);
  } else {
    std::memset(input, kPadY ^ 0x80, plane_bytes * 3);
  }
}

std::shared_ptr<BpuSession> BpuSession::Open(const SessionOptions& options, TaskRunner::Done done) {
  const std::shared_ptr<BpuSession> session(new BpuSession(options, std::move(done)));
  session->RunOnGrey(std::max(options.task_timeout_ms, kFirstTimeoutMs));
  session->runner_->Start(options.task_count);
  session->id_ = Registry::Get().Add(session);
  return session;
}

std::shared_ptr<BpuSession> BpuSession::Find(uint32_t id) { return Registry::Get().Find(id); }

BpuSession::BpuSession(const SessionOptions& options, TaskRunner::Done done) {
  context_.library = DnnLibrary::Open(options.library_path);
  context_.model = std::make_shared<DnnModel>(context_.library, options.model_path, options.model_name);
  context_.counters = std::make_shared<Counters>();
  for (int index = 0; index < options.slot_count; ++index) {
    context_.slots.push_back(
        std::make_shared<Slot>(context_.library, context_.counters, *context_.model, index));
  }
  context_.table = std::make_shared<SlotTable>(options.slot_count);
  context_.priority = options.priority;
  runner_ = std::make_shared<TaskRunner>(context_, options.task_timeout_ms, std::move(done));
}

// A model of another chip loads and fails only here; better now than with the first frame.
void BpuSession::RunOnGrey(int timeout_ms) {
  const Lease lease = context_.table->Acquire();
  Slot& slot = *context_.slots[static_cast<size_t>(lease.slot)];
  WriteGrey(context_.model->input_layout(), slot.input.data());
  CheckStatus(ErrorCode::kBpuMemory, "first inference of " + context_.model->name(), "hbSysFlushMem",
              slot.input.Clean());
  slot.ready_at = std::chrono::steady_clock::now();
  context_.table->Move(lease, SlotState::kWriting, SlotState::kReady);
  const TaskOutcome outcome = runner_->RunHere(lease, timeout_ms);
  SkipVendorExitHandlers();
  if (!outcome.error) {
    context_.table->Release(lease);
    return;
  }
  const CloseReport report = Close(kFirstReleaseLimit);
  std::string message = "first inference of " + context_.model->name() + " failed: " + outcome.error->what();
  const ErrorCode code = outcome.error->code();
  if (code == ErrorCode::kBpuTimeout) message += "; the BPU hangs, or another process holds it";
  if (report.held_bytes > 0) {
    message +=
        "; it is still on the BPU and keeps " + std::to_string(report.held_bytes) + " bytes and the model";
  }
  if (report.quarantined_bytes > 0) {
    message += "; its " + std::to_string(report.quarantined_bytes) + " bytes are never freed";
  }
  throw CodedError(CodeOfFirst(*outcome.error), message, outcome.error->details());
}

std::vector<std::shared_ptr<Slot>> BpuSession::Slots() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (context_.slots.empty()) throw ClosedError();
  return context_.slots;
}

std::shared_ptr<Slot> BpuSession::SlotAt(int index) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (context_.slots.empty()) throw ClosedError();
  return context_.slots[static_cast<size_t>(index)];
}

void BpuSession::Submit(const Lease& lease) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (runner_ == nullptr) throw ClosedError();
  runner_->Submit(lease);
}

TaskOutcome BpuSession::RunHere(const Lease& lease, int timeout_ms) {
  std::shared_ptr<TaskRunner> runner;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    runner = runner_;
  }
  if (runner == nullptr) throw ClosedError();
  return runner->RunHere(lease, timeout_ms);
}

CloseReport BpuSession::Close(std::chrono::milliseconds timeout) {
  std::promise<CloseReport> report;
  std::shared_ptr<TaskRunner> runner;
  std::shared_future<CloseReport> closing;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    runner = std::exchange(runner_, nullptr);
    if (runner != nullptr) closing_ = report.get_future().share();
    closing = closing_;
  }
  // Without the mutex: who submits meanwhile is refused and does not wait.
  if (runner != nullptr) report.set_value(CloseOnce(*runner, timeout));
  return closing.get();
}

CloseReport BpuSession::CloseOnce(TaskRunner& runner, std::chrono::milliseconds timeout) {
  Registry::Get().Remove(id_);
  context_.table->Close();
  CloseReport report;
  const bool are_threads_back = runner.Stop(timeout);
  report.is_drained = are_threads_back;
  std::vector<std::shared_ptr<Slot>> slots;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    slots.swap(context_.slots);
  }
  for (size_t index = 0; index < slots.size(); ++index) {
    const SlotState state = context_.table->StateOf(static_cast<int>(index));
    if (state == SlotState::kQuarantined) {
      ++report.quarantined_slots;
      report.quarantined_bytes += slots[index]->size_bytes();
    } else if (state == SlotState::kOverdue || !are_threads_back) {
      report.is_drained = false;
      report.held_bytes += slots[index]->size_bytes();
    }
  }
  report.is_model_kept = !report.is_drained || report.quarantined_slots > 0;
  if (!report.is_model_kept) report.release_status = context_.model->Release();
  slots.clear();
  report.failed_frees = context_.counters->failed_frees;
  return report;
}

}  // namespace rdk::bpu
