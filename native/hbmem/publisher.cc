#include "hbmem/publisher.h"

#include "common/arguments.h"
#include "hbmem/requests.h"

namespace rdk::hbmem {

Napi::Function Publisher::Define(Napi::Env env) {
  return DefineClass(env, "Publisher",
                     {InstanceMethod("publish", &Publisher::Call<&Publisher::Publish>),
                      InstanceMethod("subscriptionCount", &Publisher::Call<&Publisher::SubscriptionCount>),
                      InstanceMethod("close", &Publisher::Call<&Publisher::Close>)});
}

Publisher::Publisher(const Napi::CallbackInfo& info)
    : GuardedWrap(info), node_(Guarded(info.Env(), [&] { return NodeHandle(info[0]); })) {
  Guarded(info.Env(), [&] { Open(info); });
}

void Publisher::Open(const Napi::CallbackInfo& info) {
  const EndpointOptions options = ReadEndpointOptions(ObjectArgument(info[1], "options"));
  core_ = std::make_unique<PublisherCore>(node_.node(), options);
  auto self = Value();
  self.Set("topic", core_->topic());
  self.Set("canLoan", core_->can_loan());
  self.Set("type", core_->type().full_name());
  self.Set("capacityBytes", static_cast<double>(core_->type().capacity_bytes()));
  napi_add_env_cleanup_hook(info.Env(), OnEnvironmentCleanup, this);
  is_attached_ = true;
  Ref();
}

void Publisher::OnEnvironmentCleanup(void* context) {
  auto* self = static_cast<Publisher*>(context);
  self->is_attached_ = false;
  self->End();
}

Napi::Value Publisher::Publish(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!is_attached_ || node_.node() == nullptr) {
    throw CodedError(ErrorCode::kClosed, "The publisher of " + core_->topic() + " is closed");
  }
  const Napi::Object request = ObjectArgument(info[0], "frame");
  const OutgoingHeader outgoing = ReadOutgoingHeader(request, core_->type().encoding_bytes());
  const Bytes pixels = Uint8ArrayArgument(request.Get("pixels"), "pixels");
  const PublishOutcome outcome = core_->Publish(outgoing, pixels.data, pixels.size);
  auto result = Napi::Object::New(env);
  result.Set("loaned", outcome.loaned);
  result.Set("stampNs", Napi::BigInt::New(env, outcome.stamp_ns));
  return result;
}

Napi::Value Publisher::SubscriptionCount(const Napi::CallbackInfo& info) {
  const bool open = is_attached_ && node_.node() != nullptr;
  return Napi::Number::New(info.Env(), open ? static_cast<double>(core_->SubscriptionCount()) : 0);
}

Napi::Value Publisher::Close(const Napi::CallbackInfo& info) {
  if (is_attached_) {
    is_attached_ = false;
    napi_remove_env_cleanup_hook(info.Env(), OnEnvironmentCleanup, this);
    Unref();
    const auto error = End();
    node_.Drop();
    if (error) throw *error;
  }
  return info.Env().Undefined();
}

std::optional<CodedError> Publisher::End() {
  if (node_.node() != nullptr) return core_->Finalise();
  core_->Abandon();
  return std::nullopt;
}

}  // namespace rdk::hbmem
