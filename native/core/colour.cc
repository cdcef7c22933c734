#include <libyuv/convert.h>
#include <libyuv/convert_argb.h>
#include <libyuv/convert_from_argb.h>
#include <libyuv/planar_functions.h>

#include <algorithm>

#include "core/pixels.h"

namespace rdk {
namespace {

constexpr uint8_t kPadByte = 114;
// Rows converted at once: RGB and split planes of a strip stay in the first-level cache.
constexpr int kStripRows = 8;

// libyuv names formats by the word they make on a little-endian machine: its "RGB24" is B, G, R in memory.
// With the constants for swapped chroma and the NV21 functions the same code writes R, G, B.
const libyuv::YuvConstants& SwappedConstants(YuvRange range) {
  return range == YuvRange::kFull ? libyuv::kYvuJPEGConstants : libyuv::kYvuI601Constants;
}

// 0..1, as ONNX models take colours.
struct UnitFloat {
  using Value = float;
  static Value Of(uint8_t byte) { return static_cast<float>(byte) * (1.0F / 255.0F); }
  static constexpr Value kPad = kPadByte / 255.0F;
};

// The byte less 128, as a signed byte: models of the BPU take RGB so, and its Python library subtracts 128
// itself.
struct SignedByte {
  using Value = uint8_t;
  static Value Of(uint8_t byte) { return byte ^ 0x80; }
  static constexpr Value kPad = kPadByte ^ 0x80;
};

uint8_t* Grown(std::vector<uint8_t>& bytes, size_t size) {
  if (bytes.size() < size) bytes.resize(size);
  return bytes.data();
}

// Three planes of rows `pitch` values apart; values behind the model's width are left alone.
template <typename Colour>
void WritePlanes(const Nv12View& content, const Placement& placement, YuvRange range,
                 typename Colour::Value* planes, int pitch, Scratch& scratch) {
  using Value = typename Colour::Value;
  const int width = content.size.width_px;
  const int height = content.size.height_px;
  const int model_width = placement.model.width_px;
  const int model_height = placement.model.height_px;
  const size_t plane_size = static_cast<size_t>(pitch) * model_height;
  const size_t strip_pixels = static_cast<size_t>(width) * kStripRows;
  uint8_t* const rgb = Grown(scratch.strip, strip_pixels * 6);
  uint8_t* const split[3] = {rgb + strip_pixels * 3, rgb + strip_pixels * 4, rgb + strip_pixels * 5};

  const int first = placement.pad_y_px;
  for (int channel = 0; channel < 3; ++channel) {
    Value* const plane = planes + plane_size * channel;
    for (int y = 0; y < model_height; ++y) {
      if (y == first) y += height;
      if (y == model_height) break;
      std::fill_n(plane + static_cast<size_t>(y) * pitch, model_width, Colour::kPad);
    }
  }
  for (int top = 0; top < height; top += kStripRows) {
    const int rows = std::min(kStripRows, height - top);
    libyuv::NV21ToRGB24Matrix(content.y + static_cast<ptrdiff_t>(top) * content.y_stride_bytes,
                              content.y_stride_bytes,
                              content.uv + static_cast<ptrdiff_t>(top / 2) * content.uv_stride_bytes,
                              content.uv_stride_bytes, rgb, width * 3, &SwappedConstants(range), width, rows);
    libyuv::SplitRGBPlane(rgb, width * 3, split[0], width, split[1], width, split[2], width, width, rows);
    for (int channel = 0; channel < 3; ++channel) {
      Value* row = planes + plane_size * channel + static_cast<size_t>(first + top) * pitch;
      for (int y = 0; y < rows; ++y, row += pitch) {
        const uint8_t* const colours = split[channel] + static_cast<size_t>(y) * width;
        Value* const content_start = row + placement.pad_x_px;
        std::fill(row, content_start, Colour::kPad);
        for (int x = 0; x < width; ++x) content_start[x] = Colour::Of(colours[x]);
        std::fill(content_start + width, row + model_width, Colour::kPad);
      }
    }
  }
}

}  // namespace

void WriteRgbPlanes(const Nv12View& content, const Placement& placement, YuvRange range, float* planes,
                    Scratch& scratch) {
  WritePlanes<UnitFloat>(content, placement, range, planes, placement.model.width_px, scratch);
}

void WriteRgbBytePlanes(const Nv12View& content, const Placement& placement, YuvRange range, uint8_t* planes,
                        int pitch_bytes, Scratch& scratch) {
  WritePlanes<SignedByte>(content, placement, range, planes, pitch_bytes, scratch);
}

void WriteRgba(const Nv12View& picture, YuvRange range, uint8_t* rgba) {
  libyuv::NV21ToARGBMatrix(picture.y, picture.y_stride_bytes, picture.uv, picture.uv_stride_bytes, rgba,
                           picture.size.width_px * 4, &SwappedConstants(range), picture.size.width_px,
                           picture.size.height_px);
}

void RgbToNv12(const uint8_t* rgb, YuvRange range, const Nv12Target& target, Scratch& scratch) {
  const int width = target.size.width_px;
  const int height = target.size.height_px;
  const auto convert = range == YuvRange::kFull ? libyuv::ARGBToJ420 : libyuv::ARGBToI420;
  const size_t strip_pixels = static_cast<size_t>(width) * kStripRows;
  uint8_t* const argb = Grown(scratch.strip, strip_pixels * 4 + strip_pixels / 2);
  uint8_t* const u = argb + strip_pixels * 4;
  uint8_t* const v = u + strip_pixels / 4;
  for (int top = 0; top < height; top += kStripRows) {
    const int rows = std::min(kStripRows, height - top);
    libyuv::RAWToARGB(rgb + static_cast<size_t>(top) * width * 3, width * 3, argb, width * 4, width, rows);
    convert(argb, width * 4, target.y + static_cast<ptrdiff_t>(top) * target.y_stride_bytes,
            target.y_stride_bytes, u, width / 2, v, width / 2, width, rows);
    libyuv::MergeUVPlane(u, width / 2, v, width / 2,
                         target.uv + static_cast<ptrdiff_t>(top / 2) * target.uv_stride_bytes,
                         target.uv_stride_bytes, width / 2, rows / 2);
  }
}

}  // namespace rdk
