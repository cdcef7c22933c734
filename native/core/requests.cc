#include "core/requests.h"

#include <climits>

namespace rdk {

std::string TextOf(Size size) { return std::to_string(size.width_px) + "x" + std::to_string(size.height_px); }

void CheckReduction(Size source, Size target, const char* name) {
  if (source.width_px > kMaxReduction * static_cast<int64_t>(target.width_px) ||
      source.height_px > kMaxReduction * static_cast<int64_t>(target.height_px)) {
    throw ArgumentError("at least 1/" + std::to_string(kMaxReduction) + " of the source " + TextOf(source),
                        name, TextOf(target));
  }
}

int EvenOf(const Napi::Object& object, const char* key, int minimum, int maximum, ErrorCode code) {
  const int value = IntegerOf(object, key, minimum, maximum, code);
  if (value % 2 != 0) throw ArgumentError("an even integer", key, std::to_string(value), code);
  return value;
}

Size SizeOf(const Napi::Object& object, const char* width_key, const char* height_key, ErrorCode code) {
  return {EvenOf(object, width_key, 2, kMaxSidePx, code), EvenOf(object, height_key, 2, kMaxSidePx, code)};
}

namespace {

// Starts are even, so that the chroma of two by two pixels is not cut.
Region RegionOf(const Napi::Object& geometry, Size source) {
  const Napi::Object object = ObjectArgument(geometry.Get("region"), "region");
  Region region;
  region.x_px = EvenOf(object, "xPx", 0, source.width_px - 1, ErrorCode::kArgument);
  region.y_px = EvenOf(object, "yPx", 0, source.height_px - 1, ErrorCode::kArgument);
  region.size.width_px = IntegerOf(object, "widthPx", 1, source.width_px - region.x_px);
  region.size.height_px = IntegerOf(object, "heightPx", 1, source.height_px - region.y_px);
  return region;
}

}  // namespace

Placement PlacementOf(const Napi::Object& request, Size frame) {
  const Napi::Object geometry = ObjectArgument(request.Get("geometry"), "geometry");
  const Size source = {IntegerOf(geometry, "sourceWidthPx", 1, kMaxSidePx),
                       IntegerOf(geometry, "sourceHeightPx", 1, kMaxSidePx)};
  if (source.width_px != frame.width_px || source.height_px != frame.height_px) {
    throw ArgumentError("a geometry for a source of " + TextOf(frame), "geometry", TextOf(source));
  }
  Placement placement;
  placement.model = SizeOf(geometry, "modelWidthPx", "modelHeightPx");
  placement.content.width_px = EvenOf(geometry, "contentWidthPx", 2, placement.model.width_px);
  placement.content.height_px = EvenOf(geometry, "contentHeightPx", 2, placement.model.height_px);
  placement.pad_x_px = EvenOf(geometry, "padXPx", 0, placement.model.width_px - placement.content.width_px);
  placement.pad_y_px = EvenOf(geometry, "padYPx", 0, placement.model.height_px - placement.content.height_px);
  placement.region = RegionOf(geometry, source);
  CheckReduction(placement.region.size, placement.content, "content");
  return placement;
}

Filter FilterOf(const Napi::Object& request) {
  const Napi::Value value = request.Get("filter");
  const std::string text = value.IsString() ? value.As<Napi::String>().Utf8Value() : "";
  if (text == "bilinear") return Filter::kBilinear;
  if (text == "box") return Filter::kBox;
  throw ArgumentError("'bilinear' or 'box'", "filter", Describe(value));
}

YuvRange YuvRangeOf(const Napi::Object& request) {
  const Napi::Value value = request.Get("yuvRange");
  const std::string text = value.IsString() ? value.As<Napi::String>().Utf8Value() : "";
  if (text == "full") return YuvRange::kFull;
  if (text == "limited") return YuvRange::kLimited;
  throw ArgumentError("'full' or 'limited'", "yuvRange", Describe(value));
}

Nv12Target Nv12Of(const Bytes& bytes, const std::string& name, const Napi::Object& layout) {
  Nv12Target nv12;
  nv12.size = SizeOf(layout, "widthPx", "heightPx", ErrorCode::kLayout);
  const int width = nv12.size.width_px;
  const int height = nv12.size.height_px;
  nv12.y_stride_bytes = IntegerOf(layout, "yStrideBytes", width, INT_MAX, ErrorCode::kLayout);
  nv12.uv_stride_bytes = IntegerOf(layout, "uvStrideBytes", width, INT_MAX, ErrorCode::kLayout);
  const int64_t y_end = static_cast<int64_t>(nv12.y_stride_bytes) * (height - 1) + width;
  if (y_end > INT_MAX) {
    throw ArgumentError("a Y plane below 2 GiB", "yStrideBytes", std::to_string(nv12.y_stride_bytes),
                        ErrorCode::kLayout);
  }
  const int uv_offset =
      IntegerOf(layout, "uvOffsetBytes", static_cast<int>(y_end), INT_MAX, ErrorCode::kLayout);
  const int64_t end = uv_offset + static_cast<int64_t>(nv12.uv_stride_bytes) * (height / 2 - 1) + width;
  if (static_cast<int64_t>(bytes.size) < end) {
    throw ArgumentError("at least " + std::to_string(end) + " bytes", name,
                        std::to_string(bytes.size) + " bytes", ErrorCode::kLayout);
  }
  nv12.y = bytes.data;
  nv12.uv = bytes.data + uv_offset;
  return nv12;
}

}  // namespace rdk
