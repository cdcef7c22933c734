#include "core/png_decoder.h"

#include <png.h>

#include <string>

#include "common/coded_error.h"

namespace rdk {
namespace {

// libpng's own structure, freed in any state.
struct Image {
  png_image png{};
  Image() { png.version = PNG_IMAGE_VERSION; }
  Image(const Image&) = delete;
  Image& operator=(const Image&) = delete;
  ~Image() { png_image_free(&png); }
};

}  // namespace

Picture DecodePng(const Frame& frame, Scratch& scratch) {
  Image image;
  const auto refuse = [&] {
    throw CodedError(ErrorCode::kPicture, "the PNG of " + std::to_string(frame.data_bytes) + " bytes, " +
                                              std::to_string(frame.width_px) + " x " +
                                              std::to_string(frame.height_px) + ": " + image.png.message);
  };
  if (png_image_begin_read_from_memory(&image.png, frame.data, frame.data_bytes) == 0) refuse();
  if (image.png.width != frame.width_px || image.png.height != frame.height_px) {
    throw CodedError(ErrorCode::kPicture, "the PNG changed to " + std::to_string(image.png.width) + " x " +
                                              std::to_string(image.png.height) + " while it was read");
  }
  const bool is_grey = (image.png.format & (PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_ALPHA)) == 0;
  const bool has_alpha = (image.png.format & PNG_FORMAT_FLAG_ALPHA) != 0;
  // Alpha is read along and left out, as that of rgba8 is: blended with nothing it would darken the picture.
  image.png.format = is_grey ? PNG_FORMAT_GRAY : has_alpha ? PNG_FORMAT_RGBA : PNG_FORMAT_RGB;
  Picture picture;
  picture.colours = is_grey ? Colours::kGrey : Colours::kRgb;
  picture.is_full_range = is_grey;
  Plane& rows = picture.main;
  rows.size = {static_cast<int>(image.png.width), static_cast<int>(image.png.height)};
  rows.channels = static_cast<int>(PNG_IMAGE_PIXEL_CHANNELS(image.png.format));
  rows.stride_bytes = rows.size.width_px * rows.channels;
  uint8_t* const memory = GrowTo(
      scratch.opened, static_cast<size_t>(rows.stride_bytes) * static_cast<size_t>(rows.size.height_px));
  if (png_image_finish_read(&image.png, nullptr, memory, rows.stride_bytes, nullptr) == 0) refuse();
  rows.data = memory;
  return picture;
}

}  // namespace rdk
