#include "hbmem/subscription.h"

#include <cstdio>
#include <string>
#include <type_traits>

#include "common/arguments.h"
#include "common/js_errors.h"
#include "hbmem/requests.h"

namespace rdk::hbmem {

static_assert(!std::is_copy_constructible_v<SubscriptionCore> &&
              !std::is_copy_assignable_v<SubscriptionCore>);
static_assert(!std::is_copy_constructible_v<NodeHandle> && !std::is_copy_constructible_v<WakeChannel>);

namespace {

constexpr int kCleanupTimeoutMs = 500;

Napi::Function FunctionOf(const Napi::Object& object, const char* key) {
  const Napi::Value value = object.Get(key);
  if (!value.IsFunction()) throw ArgumentError("a function", key, Describe(value));
  return value.As<Napi::Function>();
}

Napi::Object HeaderToJs(Napi::Env env, const TakenFrame& frame) {
  const FrameHeader& header = frame.header;
  auto object = Napi::Object::New(env);
  object.Set("index", header.index);
  object.Set("stampNs", Napi::BigInt::New(env, header.StampNs()));
  object.Set("heightPx", header.height_px);
  object.Set("widthPx", header.width_px);
  object.Set("dataSizeBytes", header.data_size_bytes);
  object.Set("stepBytes", header.step_bytes);
  napi_value encoding;
  if (napi_create_string_latin1(env, frame.encoding.data(), frame.encoding.size(), &encoding) != napi_ok) {
    throw Napi::Error::New(env);
  }
  object.Set("encodingLatin1", encoding);
  object.Set("frameId", Napi::String::New(env, frame.frame_id.data(), frame.frame_id.size()));
  object.Set("fault", frame.fault ? JsErrorOf(env, *frame.fault).Value() : env.Null());
  object.Set("capacityBytes", static_cast<double>(frame.capacity_bytes));
  object.Set("loaned", frame.in_shared_memory());
  object.Set("supersededBefore", frame.superseded_before);
  object.Set("takenMs", static_cast<double>(frame.taken_ns) / 1e6);
  return object;
}

}  // namespace

Napi::Function Subscription::Define(Napi::Env env) {
  return DefineClass(env, "Subscription",
                     {InstanceMethod("stopTaking", &Subscription::Call<&Subscription::StopTaking>),
                      InstanceMethod("finalise", &Subscription::Call<&Subscription::Finalise>),
                      InstanceMethod("shutDownNow", &Subscription::Call<&Subscription::ShutDownNow>),
                      InstanceMethod("counters", &Subscription::Call<&Subscription::Counters>)});
}

Subscription::Subscription(const Napi::CallbackInfo& info)
    : GuardedWrap(info), node_(Guarded(info.Env(), [&] { return NodeHandle(info[0]); })) {
  Guarded(info.Env(), [&] { Open(info); });
}

void Subscription::Open(const Napi::CallbackInfo& info) {
  const Napi::Object callbacks = ObjectArgument(info[2], "callbacks");
  on_frame_ = Napi::Persistent(FunctionOf(callbacks, "onFrame"));
  on_notice_ = Napi::Persistent(FunctionOf(callbacks, "onNotice"));
  const SubscriptionOptions options = ReadSubscriptionOptions(ObjectArgument(info[1], "options"));
  core_ = SubscriptionCore::Create(node_.node(), options);

  auto self = Value();
  self.Set("topic", core_->topic());
  self.Set("canLoan", core_->can_loan());
  self.Set("type", core_->message().full_name());
  self.Set("capacityBytes", static_cast<double>(core_->message().capacity_bytes()));

  channel_ = WakeChannel::Open(info.Env(), "rdk hbmem subscription", [this](Napi::Env env) { OnWake(env); });
  // After the channel, so that this hook runs before Node's own for the channel.
  napi_add_env_cleanup_hook(info.Env(), OnEnvironmentCleanup, this);
  is_attached_ = true;
  Ref();
  core_->Start([channel = channel_] { channel->Wake(); });
}

Subscription::~Subscription() {
  if (core_ && is_attached_) EndNow(0, napi_tsfn_abort);
}

void Subscription::OnEnvironmentCleanup(void* context) {
  auto* self = static_cast<Subscription*>(context);
  self->EndNow(kCleanupTimeoutMs, napi_tsfn_abort);
  self->is_attached_ = false;
}

void Subscription::EndNow(int timeout_ms, napi_threadsafe_function_release_mode mode) {
  channel_->Close(mode);
  core_->StopTaking();
  if (core_->finalised()) return;
  // Frames in shared memory or in buffers of ours outlive the subscription; only held messages of the
  // middleware do not.
  if (core_->held_messages() > 0) handles_->CloseAll();
  std::string reason = "its node was destroyed first";
  if (node_.node() != nullptr) {
    reason = "timeout";
    try {
      if (core_->WaitForReturns(timeout_ms) && core_->Finalise()) return;
    } catch (const CodedError& error) {
      reason = error.what();
    }
  }
  core_->Abandon();
  std::fprintf(stderr, "rdk-yolo-seg: subscription of %s left behind: %s, %d messages still held\n",
               core_->topic().c_str(), reason.c_str(), core_->held_messages());
}

void Subscription::Detach() {
  if (!is_attached_) return;
  is_attached_ = false;
  channel_->Close(napi_tsfn_release);
  napi_remove_env_cleanup_hook(Env(), OnEnvironmentCleanup, this);
  node_.Drop();
  on_frame_.Reset();
  on_notice_.Reset();
  Unref();
}

void Subscription::OnWake(Napi::Env env) {
  const Napi::HandleScope scope(env);
  try {
    Deliver(env);
  } catch (const Napi::Error& error) {
    // A callback threw: that is the program's error, not a frame's.
    napi_fatal_exception(env, error.Value());
  }
}

void Subscription::Deliver(Napi::Env env) {
  // A callback may stop the subscription and so drop the last reference to it.
  const Napi::ObjectReference keep = Napi::Persistent(Value());
  DeliverFrame(env);
  if (is_attached_) DeliverNotices(env);
}

void Subscription::DeliverFrame(Napi::Env env) {
  TakenFrame* frame = core_->TakePending();
  if (frame == nullptr) return;
  const Napi::Object header = HeaderToJs(env, *frame);
  const Napi::Value handle = handles_->Wrap(env, frame);
  on_frame_.Call({handle, header});
}

void Subscription::DeliverNotices(Napi::Env env) {
  const SubscriptionNotices notices = core_->TakeNotices();
  if (notices.incompatible_policy) {
    auto notice = Napi::Object::New(env);
    notice.Set("kind", "incompatible_qos");
    notice.Set("policy", *notices.incompatible_policy);
    on_notice_.Call({notice});
  }
  if (notices.error && is_attached_) {
    auto notice = Napi::Object::New(env);
    notice.Set("kind", notices.failed ? "failed" : "error");
    notice.Set("error", JsErrorOf(env, *notices.error).Value());
    on_notice_.Call({notice});
  }
}

Napi::Value Subscription::StopTaking(const Napi::CallbackInfo& info) {
  core_->StopTaking();
  return info.Env().Undefined();
}

Napi::Value Subscription::Finalise(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (is_attached_ && node_.node() == nullptr) {
    core_->Abandon();
    Detach();
  } else if (is_attached_) {
    try {
      if (core_->Finalise()) Detach();
    } catch (const CodedError&) {
      Detach();
      throw;
    }
  }
  return Napi::Boolean::New(env, !is_attached_);
}

Napi::Value Subscription::ShutDownNow(const Napi::CallbackInfo& info) {
  const int timeout_ms = IntegerOf(ObjectArgument(info[0], "options"), "timeoutMs", 0, 60'000);
  if (is_attached_) {
    EndNow(timeout_ms, napi_tsfn_release);
    Detach();
  }
  return Napi::Boolean::New(info.Env(), core_->finalised());
}

Napi::Value Subscription::Counters(const Napi::CallbackInfo& info) {
  const SubscriptionCounters counters = core_->counters();
  auto object = Napi::Object::New(info.Env());
  object.Set("taken", static_cast<double>(counters.taken));
  object.Set("returned", static_cast<double>(counters.returned));
  object.Set("outstanding", static_cast<double>(counters.outstanding()));
  object.Set("heldMessages", core_->held_messages());
  object.Set("supersededNative", static_cast<double>(counters.superseded));
  object.Set("lost", counters.lost ? Napi::Number::New(info.Env(), static_cast<double>(*counters.lost))
                                   : info.Env().Null());
  object.Set("takeErrors", static_cast<double>(counters.take_errors));
  object.Set("forgotten", static_cast<double>(handles_->forgotten_count()));
  return object;
}

}  // namespace rdk::hbmem
