// The JS object over a PublisherCore; its TypeScript surface is src/native/hbmem.ts.
#pragma once

#include <napi.h>

#include <memory>
#include <optional>

#include "hbmem/guarded_wrap.h"
#include "hbmem/node_handle.h"
#include "hbmem/publisher_core.h"

namespace rdk::hbmem {

class Publisher : public GuardedWrap<Publisher> {
 public:
  static Napi::Function Define(Napi::Env env);
  explicit Publisher(const Napi::CallbackInfo& info);

 private:
  static void OnEnvironmentCleanup(void* context);
  Napi::Value Publish(const Napi::CallbackInfo& info);
  Napi::Value SubscriptionCount(const Napi::CallbackInfo& info);
  Napi::Value Close(const Napi::CallbackInfo& info);

  // For an end at which nobody is left to hear what rcl says.
  std::optional<CodedError> End();
  void Open(const Napi::CallbackInfo& info);

  NodeHandle node_;
  std::unique_ptr<PublisherCore> core_;
  bool is_attached_ = false;
};

}  // namespace rdk::hbmem
