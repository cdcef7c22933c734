// Wakes the JS thread from any thread, at most one call under way, and never after Close.
#pragma once

#include <napi.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>

namespace rdk::hbmem {

class WakeChannel {
 public:
  using Call = void (*)(Napi::Env env, void* context);

  // `call` runs on the JS thread until Close; `context` has to live as long.
  static std::shared_ptr<WakeChannel> Open(Napi::Env env, Call call, void* context) {
    auto channel = std::make_shared<WakeChannel>(call, context);
    napi_value name = Napi::String::New(env, "rdk hbmem subscription");
    if (napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, channel.get(), OnFinalize,
                                        channel.get(), OnCall, &channel->function_) != napi_ok) {
      throw Napi::Error::New(env);
    }
    channel->self_ = channel;
    return channel;
  }
  WakeChannel(Call call, void* context) : call_(call), context_(context) {}
  WakeChannel(const WakeChannel&) = delete;
  WakeChannel& operator=(const WakeChannel&) = delete;

  void Wake() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (function_ == nullptr || waking_.exchange(true)) return;
    if (napi_call_threadsafe_function(function_, nullptr, napi_tsfn_nonblocking) != napi_ok)
      waking_.store(false);
  }

  // JS thread only; calls under way are dropped.
  void Close(napi_threadsafe_function_release_mode mode) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (function_ == nullptr) return;
    napi_release_threadsafe_function(function_, mode);
    function_ = nullptr;
  }

 private:
  static void OnCall(napi_env env, napi_value, void* context, void*) {
    auto* self = static_cast<WakeChannel*>(context);
    self->waking_.store(false);
    if (env != nullptr && self->function_ != nullptr) self->call_(Napi::Env(env), self->context_);
  }

  // Node may still hold calls under way after Close, so its share ends here.
  static void OnFinalize(napi_env, void* data, void*) {
    const std::shared_ptr<WakeChannel> last = std::move(static_cast<WakeChannel*>(data)->self_);
  }

  Call call_;
  void* context_;
  std::mutex mutex_;
  std::atomic<bool> waking_{false};
  napi_threadsafe_function function_ = nullptr;
  std::shared_ptr<WakeChannel> self_;
};

}  // namespace rdk::hbmem
