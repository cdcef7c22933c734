#include "publisher.h"

#include "common/arguments.h"
#include "guarded.h"
#include "requests.h"

namespace rdk::hbmem {

Napi::Function Publisher::Define(Napi::Env env) {
  return DefineClass(env, "Publisher",
                     {InstanceMethod("publish", &Publisher::Publish),
                      InstanceMethod("subscriptionCount", &Publisher::SubscriptionCount),
                      InstanceMethod("close", &Publisher::Close)});
}

Publisher::Publisher(const Napi::CallbackInfo& info) : ObjectWrap(info), node_(info[0]) {
  const Napi::Env env = info.Env();
  const EndpointOptions options = ReadEndpointOptions(ObjectArgument(info[1], "options"));
  core_ = Guarded(env, [&] { return std::make_unique<PublisherCore>(node_.node(), options); });
  auto self = Value();
  self.Set("topic", core_->topic());
  self.Set("lends", core_->lends());
  self.Set("type", core_->type().full_name());
  self.Set("capacityBytes", static_cast<double>(core_->type().capacity_bytes()));
  napi_add_env_cleanup_hook(env, OnEnvironmentCleanup, this);
  attached_ = true;
  Ref();
}

void Publisher::OnEnvironmentCleanup(void* context) {
  auto* self = static_cast<Publisher*>(context);
  self->attached_ = false;
  if (self->node_.node() == nullptr) return;
  try {
    self->core_->Finalise();
  } catch (const HbmemError&) {
    // The environment is going away; nobody is left to tell.
  }
}

Napi::Value Publisher::Publish(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!attached_ || node_.node() == nullptr) {
    throw rdk::CodedError(env, rdk::kClosedCode, "The publisher of " + core_->topic() + " is closed");
  }
  const Napi::Object request = ObjectArgument(info[0], "frame");
  const OutgoingHeader outgoing = ReadOutgoingHeader(request, core_->type().encoding_bytes());
  const Bytes pixels = Uint8ArrayArgument(request.Get("pixels"), "pixels");
  const PublishOutcome outcome =
      Guarded(env, [&] { return core_->Publish(outgoing, pixels.data, pixels.size); });
  auto result = Napi::Object::New(env);
  result.Set("loaned", outcome.loaned);
  result.Set("stampNs", Napi::BigInt::New(env, outcome.stamp_ns));
  return result;
}

Napi::Value Publisher::SubscriptionCount(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const bool open = attached_ && node_.node() != nullptr;
  const size_t count = open ? Guarded(env, [&] { return core_->SubscriptionCount(); }) : 0;
  return Napi::Number::New(env, static_cast<double>(count));
}

Napi::Value Publisher::Close(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (attached_) {
    attached_ = false;
    napi_remove_env_cleanup_hook(env, OnEnvironmentCleanup, this);
    const bool node_lives = node_.node() != nullptr;
    Unref();
    if (node_lives) Guarded(env, [&] { core_->Finalise(); });
    node_.Drop();
  }
  return env.Undefined();
}

}  // namespace rdk::hbmem
