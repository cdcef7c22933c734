// Carries the outcome of tasks from the session's threads to the JS thread of one environment.
#pragma once

#include <napi.h>

#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "core/bpu/task_runner.h"

namespace rdk::bpu {

struct Completion {
  Lease lease;
  TaskOutcome outcome;
};

class CompletionChannel {
 public:
  // On the JS thread, until Close.
  using Receive = std::function<void(Napi::Env, const Completion&)>;

  static std::shared_ptr<CompletionChannel> Open(Napi::Env env, Receive receive) {
    auto channel = std::make_shared<CompletionChannel>(env, std::move(receive));
    napi_value name = Napi::String::New(env, "rdk bpu tasks");
    if (napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, channel.get(), OnFinalize,
                                        channel.get(), OnCall, &channel->function_) != napi_ok) {
      throw Napi::Error::New(env);
    }
    channel->self_ = channel;
    // Registered after the function's own hook and therefore run before it: no thread calls it when it is
    // gone.
    napi_add_env_cleanup_hook(env, OnEnvironmentExit, channel.get());
    napi_unref_threadsafe_function(env, channel->function_);
    return channel;
  }
  CompletionChannel(Napi::Env env, Receive receive) : env_(env), receive_(std::move(receive)) {}
  CompletionChannel(const CompletionChannel&) = delete;
  CompletionChannel& operator=(const CompletionChannel&) = delete;

  // Any thread.
  void Post(const Lease& lease, const TaskOutcome& outcome) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (function_ == nullptr) return;
    waiting_.push_back({lease, outcome});
    napi_call_threadsafe_function(function_, nullptr, napi_tsfn_nonblocking);
  }

  // JS thread only: whether the process stays alive for what is still to come.
  void KeepProcessAlive(bool alive) {
    if (function_ == nullptr) return;
    if (alive) {
      napi_ref_threadsafe_function(env_, function_);
    } else {
      napi_unref_threadsafe_function(env_, function_);
    }
  }

  // JS thread only: receives what was posted now instead of a little later.
  void Deliver() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      delivered_.swap(waiting_);
    }
    for (const Completion& completion : delivered_) receive_(env_, completion);
    delivered_.clear();
  }

  // JS thread only: from here on nothing is received.
  void Close() {
    if (function_ == nullptr) return;
    napi_remove_env_cleanup_hook(env_, OnEnvironmentExit, this);
    Shut();
  }

 private:
  void Shut() {
    const std::lock_guard<std::mutex> lock(mutex_);
    napi_release_threadsafe_function(std::exchange(function_, nullptr), napi_tsfn_abort);
  }

  static void OnEnvironmentExit(void* data) { static_cast<CompletionChannel*>(data)->Shut(); }

  static void OnCall(napi_env env, napi_value, void* context, void*) {
    auto* self = static_cast<CompletionChannel*>(context);
    if (env == nullptr || self->function_ == nullptr) return;
    try {
      self->Deliver();
    } catch (const Napi::Error&) {
      // No JS value can be made any more: the thread is being terminated and nobody waits.
    }
  }

  // Node may still hold calls under way after Close, so its share ends here.
  static void OnFinalize(napi_env, void* data, void*) {
    const std::shared_ptr<CompletionChannel> last = std::move(static_cast<CompletionChannel*>(data)->self_);
  }

  const Napi::Env env_;
  const Receive receive_;
  std::mutex mutex_;
  std::vector<Completion> waiting_;
  std::vector<Completion> delivered_;
  napi_threadsafe_function function_ = nullptr;
  std::shared_ptr<CompletionChannel> self_;
};

}  // namespace rdk::bpu
