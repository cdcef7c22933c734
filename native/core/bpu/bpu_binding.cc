#include "core/bpu/bpu_binding.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "common/arguments.h"
#include "common/async_job.h"
#include "core/bpu/bpu_values.h"
#include "core/bpu/slot_sink.h"
#include "core/jobs.h"

namespace rdk::bpu {
namespace {

// How long an environment that ends waits for tasks on the BPU.
constexpr std::chrono::milliseconds kShutdownLimit(3000);
constexpr int kMaxInteger = std::numeric_limits<int>::max();
// Of hbDNNInferCtrlParam.
constexpr int kMaxPriority = 255;

uint32_t IdOf(const Napi::Object& object) {
  return static_cast<uint32_t>(IntegerOf(object, "session", 1, kMaxInteger));
}

Lease LeaseOf(const Napi::Object& object) {
  return {IntegerOf(object, "slot", 0, kMaxInteger),
          static_cast<uint32_t>(IntegerOf(object, "generation", 1, kMaxInteger))};
}

std::shared_ptr<BpuSession> SessionOf(const Napi::Object& object) {
  const uint32_t id = IdOf(object);
  std::shared_ptr<BpuSession> session = BpuSession::Find(id);
  if (session != nullptr) return session;
  throw CodedError(ErrorCode::kSessionClosed, "BPU session " + std::to_string(id) + " is closed");
}

Napi::Object Argument(const Napi::CallbackInfo& info) { return ObjectArgument(info[0], "request"); }

}  // namespace

// Draining may take as long as a task, so it is not done on the JS thread.
class CloseJob : public AsyncJob {
 public:
  CloseJob(std::shared_ptr<BpuBinding> binding, std::shared_ptr<BpuSession> session, int timeout_ms)
      : binding_(std::move(binding)), session_(std::move(session)), timeout_(timeout_ms) {}

 private:
  void Execute() override { report_ = session_->Close(timeout_); }
  Napi::Value Result(Napi::Env env) override {
    binding_->Settle(env, session_->id());
    binding_->Forget(session_->id());
    return DescribeReport(env, report_);
  }

  const std::shared_ptr<BpuBinding> binding_;
  const std::shared_ptr<BpuSession> session_;
  const std::chrono::milliseconds timeout_;
  CloseReport report_;
};

void BpuBinding::Export(Napi::Object exports) {
  using Method = Napi::Value (BpuBinding::*)(const Napi::CallbackInfo&);
  const std::pair<const char*, Method> methods[] = {
      {"bpuProbe", &BpuBinding::Probe},         {"bpuOpen", &BpuBinding::Open},
      {"bpuPrepare", &BpuBinding::Prepare},     {"bpuRun", &BpuBinding::Run},
      {"bpuRelease", &BpuBinding::Release},     {"bpuIsLeased", &BpuBinding::IsLeased},
      {"bpuOpenViews", &BpuBinding::OpenViews}, {"bpuCloseViews", &BpuBinding::CloseViews},
      {"bpuClose", &BpuBinding::Close},         {"bpuCloseNow", &BpuBinding::CloseNow},
      {"bpuState", &BpuBinding::State},         {"bpuTryRelease", &BpuBinding::TryRelease}};
  for (const auto& [name, method] : methods) {
    ExportFunction(exports, name,
                   [this, bound = method](const Napi::CallbackInfo& info) { return (this->*bound)(info); });
  }
  const auto address_of = [](const Napi::CallbackInfo& info) -> Napi::Value {
    if (!info[0].IsArrayBuffer()) {
      throw ArgumentError("an ArrayBuffer", "buffer", Describe(info[0]));
    }
    return BigIntOf(info.Env(), info[0].As<Napi::ArrayBuffer>().Data());
  };
  ExportFunction(exports, "addressOf", address_of);
}

void BpuBinding::Shutdown() {
  while (!opened_.empty()) {
    const uint32_t id = opened_.begin()->first;
    opened_.begin()->second.session->Close(kShutdownLimit);
    Forget(id);
  }
  views_.clear();
}

Napi::Value BpuBinding::Probe(const Napi::CallbackInfo& info) {
  const auto library = DnnLibrary::Open(TextOf(Argument(info), "libraryPath"));
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("path", library->path());
  result.Set("version", library->version());
  return result;
}

Napi::Value BpuBinding::Open(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Napi::Object request = Argument(info);
  SessionOptions options;
  options.library_path = TextOf(request, "libraryPath");
  options.model_path = TextOf(request, "modelPath");
  options.model_name = TextOf(request, "modelName");
  options.slot_count = IntegerOf(request, "slotCount", 1, 64);
  options.task_count = IntegerOf(request, "taskCount", 1, 32);
  options.task_timeout_ms = IntegerOf(request, "taskTimeoutMs", 1, kMaxInteger);
  options.priority = IntegerOf(request, "priority", 0, kMaxPriority);
  const auto id = std::make_shared<uint32_t>(0);
  const auto channel = CompletionChannel::Open(
      env, [weak = weak_from_this(), id](Napi::Env now, const Completion& completion) {
        if (const auto self = weak.lock()) self->Complete(now, *id, completion);
      });
  std::shared_ptr<BpuSession> session;
  try {
    session = BpuSession::Open(options, [channel](const Lease& lease, const TaskOutcome& outcome) {
      channel->Post(lease, outcome);
    });
  } catch (...) {
    channel->Close();
    throw;
  }
  *id = session->id();
  Opened& opened = opened_[*id];
  opened.session = session;
  opened.channel = channel;
  opened.pending.reserve(static_cast<size_t>(options.slot_count) * 2);
  return DescribeSession(env, *session);
}

Napi::Value BpuBinding::Prepare(const Napi::CallbackInfo& info) {
  const Napi::Object request = Argument(info);
  auto sink = std::make_unique<SlotSink>(SessionOf(request));
  return LetterboxInto(request, scratch_, std::move(sink));
}

Napi::Value BpuBinding::Run(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Opened& opened = OpenedHere(info);
  const Lease lease = LeaseOf(Argument(info));
  napi_value promise = nullptr;
  napi_deferred deferred = nullptr;
  opened.session->Submit(lease);
  if (napi_create_promise(env, &deferred, &promise) != napi_ok) throw Napi::Error::New(env);
  // The completion comes on this thread, later.
  opened.pending.push_back({lease, deferred});
  if (opened.pending.size() == 1) opened.channel->KeepProcessAlive(true);
  return Napi::Value(env, promise);
}

void BpuBinding::Complete(Napi::Env env, uint32_t id, const Completion& completion) {
  const auto found = opened_.find(id);
  if (found == opened_.end()) return;
  Opened& opened = found->second;
  const Napi::HandleScope scope(env);
  const auto task = std::find_if(opened.pending.begin(), opened.pending.end(), [&](const Pending& pending) {
    return pending.lease.slot == completion.lease.slot &&
           pending.lease.generation == completion.lease.generation;
  });
  if (task == opened.pending.end()) return;
  const napi_deferred deferred = task->deferred;
  opened.pending.erase(task);
  if (opened.pending.empty()) opened.channel->KeepProcessAlive(false);
  const TaskOutcome& outcome = completion.outcome;
  if (!outcome.error) {
    Napi::Object times = Napi::Object::New(env);
    times.Set("queueMs", outcome.queue_ms);
    times.Set("inferMs", outcome.infer_ms);
    napi_resolve_deferred(env, deferred, times);
  } else {
    napi_reject_deferred(env, deferred, JsErrorOf(env, *outcome.error).Value());
  }
}

Napi::Value BpuBinding::Release(const Napi::CallbackInfo& info) {
  const auto session = BpuSession::Find(IdOf(Argument(info)));
  // After the close the slots are nobody's.
  if (session != nullptr) session->table()->Release(LeaseOf(Argument(info)));
  return info.Env().Undefined();
}

Napi::Value BpuBinding::IsLeased(const Napi::CallbackInfo& info) {
  const auto session = BpuSession::Find(IdOf(Argument(info)));
  const bool is_leased = session != nullptr && session->table()->IsLeased(LeaseOf(Argument(info)));
  return Napi::Boolean::New(info.Env(), is_leased);
}

Napi::Value BpuBinding::OpenViews(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto session = SessionOf(Argument(info));
  const auto found = views_.find(session->id());
  if (found != views_.end()) return found->second.result.Value();
  Views views;
  views.slots = session->Slots();
  const auto view = [&](DeviceBuffer& memory) {
    Napi::ArrayBuffer buffer = Napi::ArrayBuffer::New(env, memory.data(), memory.size_bytes());
    views.buffers.push_back(Napi::Persistent(buffer));
    return buffer;
  };
  Napi::Array result = Napi::Array::New(env, views.slots.size());
  for (size_t index = 0; index < views.slots.size(); ++index) {
    Slot& slot = *views.slots[index];
    Napi::Array outputs = Napi::Array::New(env, slot.outputs.size());
    for (size_t at = 0; at < slot.outputs.size(); ++at) {
      outputs.Set(static_cast<uint32_t>(at), view(slot.outputs[at]));
    }
    Napi::Object entry = Napi::Object::New(env);
    entry.Set("input", view(slot.input));
    entry.Set("outputs", outputs);
    result.Set(static_cast<uint32_t>(index), entry);
  }
  views.result = Napi::Persistent(result.As<Napi::Object>());
  views_[session->id()] = std::move(views);
  return result;
}

Napi::Value BpuBinding::CloseViews(const Napi::CallbackInfo& info) {
  DropViews(IdOf(Argument(info)));
  return info.Env().Undefined();
}

// Detached, so that a view somebody kept reads nothing instead of memory that is gone.
void BpuBinding::DropViews(uint32_t id) {
  const auto found = views_.find(id);
  if (found == views_.end()) return;
  for (auto& buffer : found->second.buffers) buffer.Value().Detach();
  views_.erase(found);
}

Napi::Value BpuBinding::Close(const Napi::CallbackInfo& info) {
  Opened& opened = OpenedHere(info);
  DropViews(opened.session->id());
  const int timeout_ms = IntegerOf(Argument(info), "timeoutMs", 0, kMaxInteger);
  return AsyncJob::Start(info.Env(), "rdk.bpuClose",
                         std::make_unique<CloseJob>(shared_from_this(), opened.session, timeout_ms));
}

Napi::Value BpuBinding::CloseNow(const Napi::CallbackInfo& info) {
  const auto session = OpenedHere(info).session;
  DropViews(session->id());
  const CloseReport report =
      session->Close(std::chrono::milliseconds(IntegerOf(Argument(info), "timeoutMs", 0, kMaxInteger)));
  Settle(info.Env(), session->id());
  Forget(session->id());
  return DescribeReport(info.Env(), report);
}

Napi::Value BpuBinding::State(const Napi::CallbackInfo& info) {
  return DescribeState(info.Env(), *SessionOf(Argument(info)));
}

Napi::Value BpuBinding::TryRelease(const Napi::CallbackInfo& info) {
  const int timeout_ms = IntegerOf(Argument(info), "timeoutMs", 1, kMaxInteger);
  return DescribeTrial(info.Env(), rdk::bpu::TryRelease(*OpenedHere(info).session, timeout_ms));
}

BpuBinding::Opened& BpuBinding::OpenedHere(const Napi::CallbackInfo& info) {
  const uint32_t id = IdOf(Argument(info));
  const auto found = opened_.find(id);
  if (found != opened_.end()) return found->second;
  throw CodedError(ErrorCode::kSessionClosed,
                   "BPU session " + std::to_string(id) + " is closed or was opened by another thread");
}

void BpuBinding::Settle(Napi::Env env, uint32_t id) {
  const auto found = opened_.find(id);
  if (found == opened_.end()) return;
  found->second.channel->Deliver();
  for (const Pending& lost : std::exchange(found->second.pending, {})) {
    const char* const why = "The BPU session was closed while the task was on the BPU";
    napi_reject_deferred(env, lost.deferred,
                         JsErrorOf(env, CodedError(ErrorCode::kSessionClosed, why)).Value());
  }
}

void BpuBinding::Forget(uint32_t id) {
  const auto found = opened_.find(id);
  if (found == opened_.end()) return;
  found->second.channel->Close();
  opened_.erase(found);
}

}  // namespace rdk::bpu
