// The jobs of the core addon. Each checks its arguments on the JS thread and starts; the promise is returned.
#pragma once

#include <napi.h>

#include <memory>

#include "core/pixels.h"

namespace rdk {

// A frame over memory of JS: (Uint8Array, layout) -> handle. The memory stays referenced until the frame's
// last reference is dropped; the overwrite guard watches it as it does the memory of a publisher.
Napi::Value WrapNv12(const Napi::Value& buffer, const Napi::Value& layout);
// The same for every other format, see ViewPicture: (Uint8Array, view) -> {frame, widthPx, heightPx}.
Napi::Value WrapPicture(const Napi::Value& buffer, const Napi::Value& view);

// A model input that is not JS memory. It is made and destroyed on the JS thread; everything else runs on a
// pool thread.
class LetterboxSink {
 public:
  virtual ~LetterboxSink() = default;
  // Which model size the geometry must be for.
  virtual Size model_size() const = 0;
  // Where the scaled picture goes.
  virtual Nv12Target Content(const Placement& placement, Scratch& scratch) = 0;
  // Called where a preview is wanted, once it was scaled out of the source.
  virtual void CountPreview() = 0;
  // Makes the rest of the input after the picture was scaled into `content`; throws CodedError.
  virtual void Finish(const Nv12Target& content, const Placement& placement, YuvRange range,
                      Scratch& scratch) = 0;
  // Adds to what the promise resolves to; not called where the job failed.
  virtual void Report(Napi::Object& report) = 0;
};
Napi::Value LetterboxInto(const Napi::Object& request, std::shared_ptr<ScratchPool> scratch,
                          std::unique_ptr<LetterboxSink> sink);

Napi::Value LetterboxRgbPlanar(const Napi::Value& request, std::shared_ptr<ScratchPool> scratch);
Napi::Value LetterboxNv12(const Napi::Value& request, std::shared_ptr<ScratchPool> scratch);
Napi::Value ConvertRgbToNv12(const Napi::Value& request);

}  // namespace rdk
