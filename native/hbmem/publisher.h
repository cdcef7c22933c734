// The JS object over a PublisherCore; its TypeScript surface is src/ros2/hbmem/surface.ts.
#pragma once

#include <napi.h>

#include <memory>

#include "node_handle.h"
#include "publisher_core.h"

namespace rdk::hbmem {

class Publisher : public Napi::ObjectWrap<Publisher> {
 public:
  static Napi::Function Define(Napi::Env env);
  explicit Publisher(const Napi::CallbackInfo& info);

 private:
  static void OnEnvironmentCleanup(void* context);
  Napi::Value Publish(const Napi::CallbackInfo& info);
  Napi::Value SubscriptionCount(const Napi::CallbackInfo& info);
  Napi::Value Close(const Napi::CallbackInfo& info);

  NodeHandle node_;
  std::unique_ptr<PublisherCore> core_;
  bool attached_ = false;
};

}  // namespace rdk::hbmem
