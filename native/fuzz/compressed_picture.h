// A compressed picture taken the whole way that a frame of a camera takes: sized, decoded, scaled.
#pragma once

#include <vector>

#include "common/coded_error.h"
#include "common/picture_size.h"
#include "core/picture.h"

namespace rdk::fuzz {

// Returns normally for pictures and for those that are refused; everything else ends the program.
inline void TakePicture(PixelFormat format, const uint8_t* data, size_t bytes) {
  constexpr Size kModel = {64, 64};
  static Scratch scratch;
  static std::vector<uint8_t> output(PackedNv12Bytes(kModel));
  try {
    const PictureSize size = SizeOfCompressed(format, data, bytes);
    // What GeometrySolver refuses in the node.
    constexpr uint32_t kMost = kMaxReduction * 64;
    if (size.width_px < 2 || size.height_px < 2 || size.width_px > kMost || size.height_px > kMost) return;
    Frame frame;
    frame.format = format;
    frame.data = data;
    frame.data_bytes = bytes;
    frame.width_px = size.width_px;
    frame.height_px = size.height_px;
    const Size source = {static_cast<int>(size.width_px), static_cast<int>(size.height_px)};
    const Region whole = {0, 0, source};
    const Picture picture = OpenPicture(frame, {whole, kModel, {0, 0}}, scratch);
    ScalePicture(PartOf(picture, whole, source), PackedNv12(output.data(), kModel), Filter::kBox,
                 YuvRange::kLimited, scratch);
  } catch (const CodedError& error) {
    if (error.code() != ErrorCode::kPicture) __builtin_trap();
  }
}

}  // namespace rdk::fuzz
