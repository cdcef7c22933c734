// Wakes the JS thread of one environment from any thread: at most one call under way, and none after Close.
#pragma once

#include <napi.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

namespace rdk {

class WakeChannel {
 public:
  // Runs on the JS thread until Close.
  using Call = std::function<void(Napi::Env)>;

  static std::shared_ptr<WakeChannel> Open(Napi::Env env, const char* name, Call call) {
    auto channel = std::make_shared<WakeChannel>(env, std::move(call));
    napi_value resource_name = Napi::String::New(env, name);
    if (napi_create_threadsafe_function(env, nullptr, nullptr, resource_name, 0, 1, channel.get(), OnFinalize,
                                        channel.get(), OnCall, &channel->function_) != napi_ok) {
      throw Napi::Error::New(env);
    }
    channel->self_ = channel;
    return channel;
  }
  WakeChannel(Napi::Env env, Call call) : env_(env), call_(std::move(call)) {}
  WakeChannel(const WakeChannel&) = delete;
  WakeChannel& operator=(const WakeChannel&) = delete;

  // Any thread. Wakes that come before the call has run are answered by that one call.
  void Wake() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (function_ == nullptr || is_waking_.exchange(true)) return;
    if (napi_call_threadsafe_function(function_, nullptr, napi_tsfn_nonblocking) != napi_ok) {
      is_waking_.store(false);
    }
  }

  // JS thread only: whether this channel keeps the process alive. It does until told otherwise.
  void KeepProcessAlive(bool alive) {
    if (function_ == nullptr) return;
    if (alive) {
      napi_ref_threadsafe_function(env_, function_);
    } else {
      napi_unref_threadsafe_function(env_, function_);
    }
  }

  // JS thread only; calls under way are dropped.
  void Close(napi_threadsafe_function_release_mode mode) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (function_ == nullptr) return;
    napi_release_threadsafe_function(std::exchange(function_, nullptr), mode);
  }

 private:
  static void OnCall(napi_env env, napi_value, void* context, void*) {
    auto* self = static_cast<WakeChannel*>(context);
    self->is_waking_.store(false);
    if (env != nullptr && self->function_ != nullptr) self->call_(Napi::Env(env));
  }

  // Node may still hold calls under way after Close; it lets go of them here.
  static void OnFinalize(napi_env, void* data, void*) {
    const std::shared_ptr<WakeChannel> last = std::move(static_cast<WakeChannel*>(data)->self_);
  }

  const Napi::Env env_;
  const Call call_;
  std::mutex mutex_;
  std::atomic<bool> is_waking_{false};
  napi_threadsafe_function function_ = nullptr;
  std::shared_ptr<WakeChannel> self_;
};

}  // namespace rdk
