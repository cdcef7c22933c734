// The core addon: frames over JS memory, letterbox, colour, BPU. Typed and documented in src/native/core.ts
// and src/native/bpu.ts.
#include <malloc.h>
#include <napi.h>

#include <memory>

#include "common/frame_external.h"
#include "common/js_errors.h"
#include "core/bpu/bpu_binding.h"
#include "core/jobs.h"
#include "core/messages.h"

namespace rdk {

// One per environment; the jobs of its threads share the scratch.
class CoreAddon : public Napi::Addon<CoreAddon> {
 public:
  CoreAddon(Napi::Env env, Napi::Object exports) {
    ExportFunction(exports, "wrapNv12",
                   [](const Napi::CallbackInfo& info) { return WrapNv12(info[0], info[1]); });
    ExportFunction(exports, "wrapPicture",
                   [](const Napi::CallbackInfo& info) { return WrapPicture(info[0], info[1]); });
    ExportFunction(exports, "readPictureMessage",
                   [](const Napi::CallbackInfo& info) { return ReadPictureMessage(info[0], info[1]); });
    ExportFunction(exports, "closeFrame", [env](const Napi::CallbackInfo& info) {
      return Napi::Boolean::New(env, FrameHolderOf(info[0], "frame").Close());
    });
    ExportFunction(exports, "letterboxRgbPlanar", [scratch = scratch_](const Napi::CallbackInfo& info) {
      return LetterboxRgbPlanar(info[0], scratch);
    });
    ExportFunction(exports, "letterboxNv12", [scratch = scratch_](const Napi::CallbackInfo& info) {
      return LetterboxNv12(info[0], scratch);
    });
    ExportFunction(exports, "rgbToNv12",
                   [](const Napi::CallbackInfo& info) { return ConvertRgbToNv12(info[0]); });
    ExportFunction(exports, "returnFreedMemory", [env](const Napi::CallbackInfo&) {
#ifdef __GLIBC__
      malloc_trim(0);
#endif
      return env.Undefined();
    });
    bpu_->Export(exports);
    exports.Set("errorCodes", ErrorCodesOf(env));
  }
  ~CoreAddon() { bpu_->Shutdown(); }

 private:
  const std::shared_ptr<ScratchPool> scratch_ = std::make_shared<ScratchPool>();
  const std::shared_ptr<bpu::BpuBinding> bpu_ = std::make_shared<bpu::BpuBinding>(scratch_);
};

NODE_API_NAMED_ADDON(rdk_core, CoreAddon)

}  // namespace rdk
