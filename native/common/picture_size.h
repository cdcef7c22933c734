// The size that a compressed picture names in its header. Nothing is decoded: an output needs the size long
// before.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/frame.h"

namespace rdk {

struct PictureSize {
  uint32_t width_px = 0;
  uint32_t height_px = 0;
};

// What a compressed picture may have at most: a few bytes can claim gigapixels.
inline constexpr uint32_t kMaxCompressedPixels = 1U << 26;

// Reads no byte behind `bytes`. Throws CodedError `picture` for anything that is no picture of this format,
// has a side of 0 or more pixels than the most.
PictureSize SizeOfCompressed(PixelFormat format, const uint8_t* data, size_t bytes);

}  // namespace rdk
