// Carries the outcome of tasks from the session's threads to the JS thread of one environment.
#pragma once

#include <napi.h>

#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "common/wake_channel.h"
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
    const auto channel = std::make_shared<CompletionChannel>(env, std::move(receive));
    channel->wakes_ = WakeChannel::Open(env, "rdk bpu tasks", [weak = std::weak_ptr(channel)](Napi::Env) {
      if (const auto self = weak.lock()) self->OnWake();
    });
    // Registered after the channel's own hook and therefore run before it: no thread calls it when it is
    // gone.
    napi_add_env_cleanup_hook(env, OnEnvironmentExit, channel.get());
    channel->KeepProcessAlive(false);
    return channel;
  }
  CompletionChannel(Napi::Env env, Receive receive) : env_(env), receive_(std::move(receive)) {}
  CompletionChannel(const CompletionChannel&) = delete;
  CompletionChannel& operator=(const CompletionChannel&) = delete;

  // Any thread.
  void Post(const Lease& lease, const TaskOutcome& outcome) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      waiting_.push_back({lease, outcome});
    }
    wakes_->Wake();
  }

  // JS thread only, as all below.
  void KeepProcessAlive(bool alive) { wakes_->KeepProcessAlive(alive); }

  // Receives at once what has been posted, without waiting for the JS thread to be woken.
  void Deliver() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      delivered_.swap(waiting_);
    }
    for (const Completion& completion : delivered_) receive_(env_, completion);
    delivered_.clear();
  }

  // From here on nothing is received.
  void Close() {
    if (std::exchange(is_closed_, true)) return;
    napi_remove_env_cleanup_hook(env_, OnEnvironmentExit, this);
    wakes_->Close(napi_tsfn_abort);
  }

 private:
  static void OnEnvironmentExit(void* data) {
    auto* self = static_cast<CompletionChannel*>(data);
    self->is_closed_ = true;
    self->wakes_->Close(napi_tsfn_abort);
  }

  void OnWake() {
    try {
      Deliver();
    } catch (const Napi::Error&) {
      // No JS value can be made any more: the thread is being terminated and nobody waits.
    }
  }

  const Napi::Env env_;
  const Receive receive_;
  std::mutex mutex_;
  std::vector<Completion> waiting_;
  std::vector<Completion> delivered_;
  std::shared_ptr<WakeChannel> wakes_;
  bool is_closed_ = false;
};

}  // namespace rdk::bpu
