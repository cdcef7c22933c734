// The core addon: frames over JS memory, letterbox, colour, BPU. Typed and documented in src/native/core.ts
// and src/native/bpu.ts.
#include <napi.h>

#include <memory>

#include "common/frame_external.h"
#include "core/bpu/bpu_binding.h"
#include "core/jobs.h"

namespace rdk {

// One per environment; the jobs of its threads share the scratch.
class CoreAddon : public Napi::Addon<CoreAddon> {
 public:
  CoreAddon(Napi::Env env, Napi::Object exports) {
    DefineAddon(exports, {InstanceMethod("wrapNv12", &CoreAddon::OnWrapNv12),
                          InstanceMethod("closeFrame", &CoreAddon::OnCloseFrame),
                          InstanceMethod("letterboxRgbPlanar", &CoreAddon::OnLetterboxRgbPlanar),
                          InstanceMethod("letterboxNv12", &CoreAddon::OnLetterboxNv12),
                          InstanceMethod("rgbToNv12", &CoreAddon::OnRgbToNv12)});
    bpu_->Export(env, exports);
  }
  ~CoreAddon() { bpu_->Shutdown(); }

 private:
  Napi::Value OnWrapNv12(const Napi::CallbackInfo& info) { return WrapNv12(info[0], info[1]); }

  Napi::Value OnCloseFrame(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), FrameHolderOf(info[0], "frame").Close());
  }

  Napi::Value OnLetterboxRgbPlanar(const Napi::CallbackInfo& info) {
    return LetterboxRgbPlanar(info[0], scratch_);
  }
  Napi::Value OnLetterboxNv12(const Napi::CallbackInfo& info) { return LetterboxNv12(info[0], scratch_); }
  Napi::Value OnRgbToNv12(const Napi::CallbackInfo& info) { return ConvertRgbToNv12(info[0]); }

  const std::shared_ptr<ScratchPool> scratch_ = std::make_shared<ScratchPool>();
  const std::shared_ptr<bpu::BpuBinding> bpu_ = std::make_shared<bpu::BpuBinding>(scratch_);
};

NODE_API_NAMED_ADDON(rdk_core, CoreAddon)

}  // namespace rdk
