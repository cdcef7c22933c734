#include <libyuv/convert.h>
#include <libyuv/convert_argb.h>
#include <libyuv/convert_from_argb.h>
#include <libyuv/planar_functions.h>

#include <algorithm>

#include "core/pixels.h"

namespace rdk {
namespace {

constexpr float kPadValue = 114.0F / 255.0F;
// Rows converted at once: RGB and split planes of a strip stay in the first-level cache.
constexpr int kStripRows = 8;

// libyuv names formats by the word they make on a little-endian machine: its "RGB24" is B, G, R in memory.
// With the constants for swapped chroma and the NV21 functions the same code writes R, G, B.
const libyuv::YuvConstants& SwappedConstants(YuvRange range) {
  return range == YuvRange::kFull ? libyuv::kYvuJPEGConstants : libyuv::kYvuI601Constants;
}

void BytesToUnit(const uint8_t* bytes, int count, float* values) {
  for (int i = 0; i < count; ++i) values[i] = static_cast<float>(bytes[i]) * (1.0F / 255.0F);
}

uint8_t* Grown(std::vector<uint8_t>& bytes, size_t size) {
  if (bytes.size() < size) bytes.resize(size);
  return bytes.data();
}

}  // namespace

void WriteRgbPlanes(const Nv12View& content, const Placement& placement, YuvRange range, float* planes,
                    Scratch& scratch) {
  const int width = content.size.width_px;
  const int height = content.size.height_px;
  const int model_width = placement.model.width_px;
  const size_t plane_size = static_cast<size_t>(model_width) * placement.model.height_px;
  const size_t strip_pixels = static_cast<size_t>(width) * kStripRows;
  uint8_t* const rgb = Grown(scratch.strip, strip_pixels * 6);
  uint8_t* const split[3] = {rgb + strip_pixels * 3, rgb + strip_pixels * 4, rgb + strip_pixels * 5};

  const size_t first = static_cast<size_t>(placement.pad_y_px) * model_width;
  const size_t last = first + static_cast<size_t>(height) * model_width;
  for (int channel = 0; channel < 3; ++channel) {
    float* const plane = planes + plane_size * channel;
    std::fill(plane, plane + first, kPadValue);
    std::fill(plane + last, plane + plane_size, kPadValue);
  }
  for (int top = 0; top < height; top += kStripRows) {
    const int rows = std::min(kStripRows, height - top);
    libyuv::NV21ToRGB24Matrix(content.y + static_cast<ptrdiff_t>(top) * content.y_stride_bytes,
                              content.y_stride_bytes,
                              content.uv + static_cast<ptrdiff_t>(top / 2) * content.uv_stride_bytes,
                              content.uv_stride_bytes, rgb, width * 3, &SwappedConstants(range), width, rows);
    libyuv::SplitRGBPlane(rgb, width * 3, split[0], width, split[1], width, split[2], width, width, rows);
    for (int channel = 0; channel < 3; ++channel) {
      float* row = planes + plane_size * channel + first + static_cast<size_t>(top) * model_width;
      for (int y = 0; y < rows; ++y, row += model_width) {
        float* const content_start = row + placement.pad_x_px;
        std::fill(row, content_start, kPadValue);
        BytesToUnit(split[channel] + static_cast<size_t>(y) * width, width, content_start);
        std::fill(content_start + width, row + model_width, kPadValue);
      }
    }
  }
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
