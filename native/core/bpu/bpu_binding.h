// The BPU as one environment of Node sees it. Typed and documented in src/native/bpu.ts.
#pragma once

#include <napi.h>

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "core/bpu/bpu_session.h"
#include "core/bpu/completion_channel.h"
#include "core/pixels.h"

namespace rdk::bpu {

class BpuBinding : public std::enable_shared_from_this<BpuBinding> {
 public:
  explicit BpuBinding(std::shared_ptr<ScratchPool> scratch) : scratch_(std::move(scratch)) {}
  BpuBinding(const BpuBinding&) = delete;
  BpuBinding& operator=(const BpuBinding&) = delete;

  void Export(Napi::Object exports);
  // Closes the sessions opened here and lets go of all views; for the end of the environment.
  void Shutdown();

 private:
  // The promise of a task. A slot alone does not name the task: a failed one frees it before its completion
  // gets here, and the next frame may already have it.
  struct Pending {
    Lease lease;
    napi_deferred deferred;
  };
  // A session opened in this environment.
  struct Opened {
    std::shared_ptr<BpuSession> session;
    std::shared_ptr<CompletionChannel> channel;
    std::vector<Pending> pending;
  };
  // The memory of a session's slots as ArrayBuffers, and what keeps it.
  struct Views {
    std::vector<std::shared_ptr<Slot>> slots;
    std::vector<Napi::Reference<Napi::ArrayBuffer>> buffers;
    Napi::ObjectReference result;
  };
  friend class CloseJob;

  Napi::Value Probe(const Napi::CallbackInfo& info);
  Napi::Value Open(const Napi::CallbackInfo& info);
  Napi::Value Prepare(const Napi::CallbackInfo& info);
  Napi::Value Run(const Napi::CallbackInfo& info);
  Napi::Value Release(const Napi::CallbackInfo& info);
  Napi::Value IsLeased(const Napi::CallbackInfo& info);
  Napi::Value OpenViews(const Napi::CallbackInfo& info);
  Napi::Value CloseViews(const Napi::CallbackInfo& info);
  Napi::Value Close(const Napi::CallbackInfo& info);
  Napi::Value CloseNow(const Napi::CallbackInfo& info);
  Napi::Value State(const Napi::CallbackInfo& info);
  Napi::Value TryRelease(const Napi::CallbackInfo& info);

  Opened& OpenedHere(const Napi::CallbackInfo& info);
  void Complete(Napi::Env env, uint32_t id, const Completion& completion);
  void DropViews(uint32_t id);
  // After the close: settles the promises of tasks that have been reported, and rejects those of all others.
  void Settle(Napi::Env env, uint32_t id);
  void Forget(uint32_t id);

  const std::shared_ptr<ScratchPool> scratch_;
  std::map<uint32_t, Opened> opened_;
  std::map<uint32_t, Views> views_;
};

}  // namespace rdk::bpu
