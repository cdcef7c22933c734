// What JS says of how the bytes of a frame are to be read, checked against the bytes.
#pragma once

#include <napi.h>

#include <cstddef>
#include <cstdint>

#include "common/frame.h"

namespace rdk {

// `view` is {format, widthPx, heightPx, strideBytes} for rows of pixels and {format, sizeBytes} for a
// compressed picture, which tells its size itself. Every format but NV12, whose planes need more. Fills the
// fields of `frame` and returns its size; throws CodedError `layout` or `picture` and leaves the frame alone.
Napi::Value ViewPicture(const Napi::Object& view, const uint8_t* data, size_t bytes, Frame& frame);

}  // namespace rdk
