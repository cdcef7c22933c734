#include "common/picture_view.h"

#include <string>

#include "common/arguments.h"
#include "common/picture_size.h"

namespace rdk {
namespace {

// `row_bytes` of a width: whole groups of pixels.
struct NamedFormat {
  const char* name;
  PixelFormat format;
  int group_px;
  int group_bytes;
};

constexpr NamedFormat kPacked[] = {
    {"rgb8", PixelFormat::kRgb8, 1, 3},   {"bgr8", PixelFormat::kBgr8, 1, 3},
    {"rgba8", PixelFormat::kRgba8, 1, 4}, {"bgra8", PixelFormat::kBgra8, 1, 4},
    {"mono8", PixelFormat::kMono8, 1, 1}, {"yuyv", PixelFormat::kYuyv, 2, 4},
    {"uyvy", PixelFormat::kUyvy, 2, 4},
};
constexpr NamedFormat kCompressed[] = {
    {"jpeg", PixelFormat::kJpeg, 0, 0},
    {"png", PixelFormat::kPng, 0, 0},
};

constexpr int kMaxEdgePx = 1 << 15;
constexpr int kMaxStrideBytes = kMaxEdgePx * 4;

template <size_t kCount>
const NamedFormat* Find(const NamedFormat (&formats)[kCount], const std::string& name) {
  for (const NamedFormat& format : formats) {
    if (name == format.name) return &format;
  }
  return nullptr;
}

size_t SizeBytesOf(const Napi::Object& view, size_t bytes) {
  const Napi::Value value = view.Get("sizeBytes");
  const double wanted = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : -1;
  if (!(wanted >= 0 && wanted <= static_cast<double>(bytes))) {
    throw ArgumentError("0 to " + std::to_string(bytes), "sizeBytes", Describe(value), ErrorCode::kLayout);
  }
  return static_cast<size_t>(wanted);
}

}  // namespace

Napi::Value ViewPicture(const Napi::Object& view, const uint8_t* data, size_t bytes, Frame& frame) {
  const std::string name = TextOf(view, "format");
  PictureSize size;
  if (const NamedFormat* packed = Find(kPacked, name)) {
    const int width_px = IntegerOf(view, "widthPx", 1, kMaxEdgePx, ErrorCode::kLayout);
    const int height_px = IntegerOf(view, "heightPx", 1, kMaxEdgePx, ErrorCode::kLayout);
    const int row_bytes = (width_px + packed->group_px - 1) / packed->group_px * packed->group_bytes;
    const int stride_bytes = IntegerOf(view, "strideBytes", row_bytes, kMaxStrideBytes, ErrorCode::kLayout);
    const size_t needed = static_cast<size_t>(stride_bytes) * static_cast<size_t>(height_px);
    if (needed > bytes) {
      throw ArgumentError("at most " + std::to_string(bytes) + " bytes", "view",
                          std::to_string(needed) + " bytes", ErrorCode::kLayout);
    }
    size = {static_cast<uint32_t>(width_px), static_cast<uint32_t>(height_px)};
    frame.format = packed->format;
    frame.data_bytes = needed;
    frame.stride_bytes = static_cast<uint32_t>(stride_bytes);
  } else if (const NamedFormat* compressed = Find(kCompressed, name)) {
    const size_t size_bytes = SizeBytesOf(view, bytes);
    size = SizeOfCompressed(compressed->format, data, size_bytes);
    frame.format = compressed->format;
    frame.data_bytes = size_bytes;
    frame.stride_bytes = 0;
  } else {
    throw ArgumentError("a format of packed rows or compressed pictures", "format", "'" + name + "'");
  }
  frame.data = data;
  frame.uv = nullptr;
  frame.uv_stride_bytes = 0;
  frame.width_px = size.width_px;
  frame.height_px = size.height_px;
  auto result = Napi::Object::New(view.Env());
  result.Set("widthPx", size.width_px);
  result.Set("heightPx", size.height_px);
  return result;
}

}  // namespace rdk
