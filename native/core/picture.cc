#include "core/picture.h"

#include <libyuv/planar_functions.h>

#include <algorithm>
#include <string>

#include "common/coded_error.h"
#include "core/jpeg_decoder.h"
#include "core/png_decoder.h"

namespace rdk {
namespace {

constexpr uint8_t kNoChroma = 128;

Plane RowsOf(const Frame& frame, int channels) {
  return {frame.data,
          static_cast<int>(frame.stride_bytes),
          {static_cast<int>(frame.width_px), static_cast<int>(frame.height_px)},
          channels};
}

Picture Packed(const Frame& frame, Colours colours, int channels) {
  return {colours, RowsOf(frame, channels), {}, colours == Colours::kGrey};
}

Picture OpenNv12(const Frame& frame) {
  Picture picture;
  picture.main = RowsOf(frame, 1);
  const Size size = picture.main.size;
  picture.chroma = {
      frame.uv, static_cast<int>(frame.uv_stride_bytes), {size.width_px / 2, size.height_px / 2}, 2};
  return picture;
}

// Two pixels are Y U Y V or U Y V Y: every second byte is Y, the others are U and V in turn.
Picture OpenInterleaved(const Frame& frame, bool is_luma_first, Scratch& scratch) {
  const Size size = {static_cast<int>(frame.width_px), static_cast<int>(frame.height_px)};
  const int pairs = (size.width_px + 1) / 2;
  const int stride_bytes = pairs * 2;
  const size_t plane_bytes = static_cast<size_t>(stride_bytes) * static_cast<size_t>(size.height_px);
  uint8_t* const luma = GrowTo(scratch.opened, plane_bytes * 2);
  uint8_t* const chroma = luma + plane_bytes;
  libyuv::SplitUVPlane(frame.data, static_cast<int>(frame.stride_bytes), is_luma_first ? luma : chroma,
                       stride_bytes, is_luma_first ? chroma : luma, stride_bytes, stride_bytes,
                       size.height_px);
  Picture picture;
  picture.main = {luma, stride_bytes, size, 1};
  picture.chroma = {chroma, stride_bytes, {pairs, size.height_px}, 2};
  return picture;
}

// Y of 0..255 to 16..235, chroma to 16..240.
void LimitRange(const Nv12Target& target) {
  struct Levels {
    uint8_t luma[256];
    uint8_t chroma[256];
    Levels() {
      for (int level = 0; level < 256; ++level) {
        luma[level] = static_cast<uint8_t>(16 + (level * 219 + 127) / 255);
        chroma[level] = static_cast<uint8_t>(128 + ((level - 128) * 224 + (level < 128 ? -127 : 127)) / 255);
      }
    }
  };
  static const Levels levels;
  const auto map = [&](uint8_t* plane, int stride_bytes, int rows, const uint8_t* table) {
    for (int y = 0; y < rows; ++y) {
      uint8_t* const row = plane + static_cast<ptrdiff_t>(y) * stride_bytes;
      for (int x = 0; x < target.size.width_px; ++x) row[x] = table[row[x]];
    }
  };
  map(target.y, target.y_stride_bytes, target.size.height_px, levels.luma);
  map(target.uv, target.uv_stride_bytes, target.size.height_px / 2, levels.chroma);
}

void ScalePlaneTo(const Plane& plane, Size size, uint8_t* target, int stride_bytes, Filter wanted,
                  Scratch& scratch) {
  const PlaneScaling scaling = {plane.data, plane.stride_bytes, plane.size, target, stride_bytes,
                                size,       plane.channels};
  ScalePlane(scaling, EffectiveFilter(wanted, plane.size, size), scratch);
}

void ScaleColour(const Picture& picture, const Nv12Target& target, Filter filter, YuvRange range,
                 Scratch& scratch) {
  Plane scaled = picture.main;
  const Size size = target.size;
  if (scaled.size.width_px != size.width_px || scaled.size.height_px != size.height_px) {
    scaled.size = size;
    scaled.stride_bytes = size.width_px * scaled.channels;
    uint8_t* const colour = GrowTo(
        scratch.colour, static_cast<size_t>(scaled.stride_bytes) * static_cast<size_t>(size.height_px));
    ScalePlaneTo(picture.main, size, colour, scaled.stride_bytes, filter, scratch);
    scaled.data = colour;
  }
  ColourToNv12({scaled.data, scaled.stride_bytes, scaled.channels, picture.colours == Colours::kBgr}, range,
               target);
}

}  // namespace

Picture OpenPicture(const Frame& frame, const Needed& needed, Scratch& scratch) {
  switch (frame.format) {
    case PixelFormat::kNv12:
      return OpenNv12(frame);
    case PixelFormat::kRgb8:
      return Packed(frame, Colours::kRgb, 3);
    case PixelFormat::kBgr8:
      return Packed(frame, Colours::kBgr, 3);
    case PixelFormat::kRgba8:
      return Packed(frame, Colours::kRgb, 4);
    case PixelFormat::kBgra8:
      return Packed(frame, Colours::kBgr, 4);
    case PixelFormat::kMono8:
      return Packed(frame, Colours::kGrey, 1);
    case PixelFormat::kYuyv:
      return OpenInterleaved(frame, true, scratch);
    case PixelFormat::kUyvy:
      return OpenInterleaved(frame, false, scratch);
    case PixelFormat::kJpeg:
      if (!scratch.jpeg) scratch.jpeg = std::make_shared<JpegDecoder>();
      return scratch.jpeg->Decode(frame, needed, scratch);
    case PixelFormat::kPng:
      return DecodePng(frame, scratch);
  }
  throw CodedError(ErrorCode::kPicture,
                   "a frame of format " + std::to_string(static_cast<uint32_t>(frame.format)));
}

Picture PartOf(const Picture& picture, const Region& region, Size source) {
  Picture part = picture;
  const auto cut = [&](Plane& plane) {
    if (plane.data == nullptr) return;
    // Source pixels per pixel of the plane: a whole number, but that the last ones of a chroma plane may be
    // fewer.
    const auto rounded_up = [](int px, int divisor) { return (px + divisor - 1) / divisor; };
    const int ratio_x = rounded_up(source.width_px, plane.size.width_px);
    const int ratio_y = rounded_up(source.height_px, plane.size.height_px);
    const int x = region.x_px / ratio_x;
    const int y = region.y_px / ratio_y;
    const int right = rounded_up(region.x_px + region.size.width_px, ratio_x);
    const int bottom = rounded_up(region.y_px + region.size.height_px, ratio_y);
    plane.data += static_cast<ptrdiff_t>(y) * plane.stride_bytes + static_cast<ptrdiff_t>(x) * plane.channels;
    plane.size = {std::min(right, plane.size.width_px) - x, std::min(bottom, plane.size.height_px) - y};
  };
  cut(part.main);
  cut(part.chroma);
  return part;
}

void ScalePicture(const Picture& picture, const Nv12Target& target, Filter filter, YuvRange range,
                  Scratch& scratch) {
  if (picture.colours == Colours::kRgb || picture.colours == Colours::kBgr) {
    ScaleColour(picture, target, filter, range, scratch);
    return;
  }
  const Size half = {target.size.width_px / 2, target.size.height_px / 2};
  ScalePlaneTo(picture.main, target.size, target.y, target.y_stride_bytes, filter, scratch);
  if (picture.colours == Colours::kGrey) {
    libyuv::SetPlane(target.uv, target.uv_stride_bytes, target.size.width_px, half.height_px, kNoChroma);
  } else {
    ScalePlaneTo(picture.chroma, half, target.uv, target.uv_stride_bytes, filter, scratch);
  }
  if (picture.is_full_range && range == YuvRange::kLimited) LimitRange(target);
}

}  // namespace rdk
