// The jobs of the core addon. Each checks its arguments on the JS thread and starts; the promise is returned.
#pragma once

#include <napi.h>

#include <memory>

#include "core/pixels.h"

namespace rdk {

// A frame over memory of JS: (Uint8Array, layout) -> handle. The memory stays referenced until the frame's
// last reference is dropped; the overwrite guard watches it as it does the memory of a publisher.
Napi::Value WrapNv12(const Napi::Value& buffer, const Napi::Value& layout);

Napi::Value LetterboxRgbPlanar(const Napi::Value& request, std::shared_ptr<ScratchPool> scratch);
Napi::Value LetterboxNv12(const Napi::Value& request, std::shared_ptr<ScratchPool> scratch);
Napi::Value ConvertRgbToNv12(const Napi::Value& request, std::shared_ptr<ScratchPool> scratch);

}  // namespace rdk
