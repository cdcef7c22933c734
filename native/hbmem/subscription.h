// The JS object over a SubscriptionCore; its TypeScript surface is src/native/hbmem.ts.
#pragma once

#include <napi.h>

#include <memory>

#include "common/wake_channel.h"
#include "hbmem/frame_handles.h"
#include "hbmem/guarded_wrap.h"
#include "hbmem/node_handle.h"
#include "hbmem/subscription_core.h"

namespace rdk::hbmem {

class Subscription : public GuardedWrap<Subscription> {
 public:
  static Napi::Function Define(Napi::Env env);
  explicit Subscription(const Napi::CallbackInfo& info);
  ~Subscription() override;

 private:
  void Open(const Napi::CallbackInfo& info);
  void OnWake(Napi::Env env);
  static void OnEnvironmentCleanup(void* context);
  void Deliver(Napi::Env env);
  void DeliverFrame(Napi::Env env);
  void DeliverNotices(Napi::Env env);
  // Ends in any state, within `timeout_ms`; what cannot be given back is leaked. Touches no JS.
  void EndNow(int timeout_ms, napi_threadsafe_function_release_mode mode);
  // Lets go of node and environment after the end.
  void Detach();

  Napi::Value StopTaking(const Napi::CallbackInfo& info);
  Napi::Value Finalise(const Napi::CallbackInfo& info);
  Napi::Value ShutDownNow(const Napi::CallbackInfo& info);
  Napi::Value Counters(const Napi::CallbackInfo& info);

  // Ordered so that the core goes before the handle of its node.
  NodeHandle node_;
  std::shared_ptr<FrameHandles> handles_ = std::make_shared<FrameHandles>();
  std::shared_ptr<SubscriptionCore> core_;
  std::shared_ptr<WakeChannel> channel_;
  Napi::FunctionReference on_frame_;
  Napi::FunctionReference on_notice_;
  bool is_attached_ = false;
};

}  // namespace rdk::hbmem
