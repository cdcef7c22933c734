// The arguments of the core addon as plain structs.
#pragma once

#include <napi.h>

#include "common/arguments.h"
#include "core/pixels.h"

namespace rdk {

// Largest side of a picture: spans of masks are 16 bit.
inline constexpr int kMaxSidePx = 65534;

int EvenOf(const Napi::Object& object, const char* key, int minimum, int maximum,
           ErrorCode code = ErrorCode::kArgument);
Size SizeOf(const Napi::Object& object, const char* width_key, const char* height_key,
            ErrorCode code = ErrorCode::kArgument);

// `640x360` for messages.
std::string TextOf(Size size);

// Refuses a target below 1 / kMaxReduction of the source.
void CheckReduction(Size source, Size target, const char* name);

// Checks that the content lies inside the model input and that the source has the size of the frame.
Placement PlacementOf(const Napi::Object& request, Size frame);
Filter FilterOf(const Napi::Object& request);
YuvRange YuvRangeOf(const Napi::Object& request);

// widthPx, heightPx, yStrideBytes, uvOffsetBytes, uvStrideBytes, and bytes that hold all of it.
Nv12Target Nv12Of(const Bytes& bytes, const std::string& name, const Napi::Object& layout);

}  // namespace rdk
