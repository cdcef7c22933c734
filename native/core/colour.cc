// BT.601 in integers, so that every machine computes the same. libyuv does not serve for what a model sees
// (measured, version 1857): blue of limited range comes out up to 3 levels low, and so does by half a level
// all chroma that it makes of RGB. The preview is for eyes and takes libyuv for its speed.
#include <libyuv/convert_argb.h>

#include <algorithm>

#include "core/pixels.h"

namespace rdk {
namespace {

constexpr int Fixed(double value, int bits) {
  return static_cast<int>(value * (1 << bits) + (value < 0 ? -0.5 : 0.5));
}

// BT.601: what red and blue are worth in Y, and what a level of V is worth in red, of U in blue.
constexpr double kRedInY = 0.299;
constexpr double kBlueInY = 0.114;
constexpr double kGreenInY = 1 - kRedInY - kBlueInY;
constexpr double kRedPerV = 2 * (1 - kRedInY);
constexpr double kBluePerU = 2 * (1 - kBlueInY);

// Levels of Y and of chroma for 255 levels of RGB, and the level of black.
struct Range {
  int y_levels;
  int chroma_levels;
  int black;
};
constexpr Range kFullRange = {255, 255, 0};
constexpr Range kLimitedRange = {219, 224, 16};

// RGB is added up of a luma and a chroma part in 1/64 levels: that fits 16 bits, counted from the middle.
constexpr int kPartBits = 6;
constexpr int kPartOne = 1 << kPartBits;
constexpr int kMiddle = 128;

class ToRgb {
 public:
  explicit ToRgb(const Range& range)
      : luma_gain_(Fixed(255.0 / range.y_levels, kPartBits + 8)),
        luma_start_(kPartOne / 2 - range.black * luma_gain_ / 256 - kMiddle * kPartOne),
        // As many as leave every coefficient below 2^15.
        chroma_bits_(range.chroma_levels == 255 ? 14 : 13),
        // Beside whole levels of luma, chroma rounded to whole levels makes the sum exact.
        chroma_step_(range.y_levels == 255 ? kPartOne : 1) {
    const auto coefficient = [&](double rgb_per_chroma) {
      return static_cast<int16_t>(Fixed(rgb_per_chroma * 255 / range.chroma_levels, chroma_bits_));
    };
    red_v_ = coefficient(kRedPerV);
    green_u_ = coefficient(-kBluePerU * kBlueInY / kGreenInY);
    green_v_ = coefficient(-kRedPerV * kRedInY / kGreenInY);
    blue_u_ = coefficient(kBluePerU);
  }

  // The luma part of each pixel of a row, with the half level that makes the sum's floor a rounding.
  void LumaParts(const uint8_t* y, int width, int16_t* parts) const {
    const auto whole = static_cast<uint16_t>(luma_gain_ / 256);
    const auto rest = static_cast<uint16_t>(luma_gain_ % 256);
    const auto start = static_cast<int16_t>(luma_start_);
    for (int x = 0; x < width; ++x) {
      const auto of_rest = static_cast<uint16_t>(y[x] * rest);
      parts[x] = static_cast<int16_t>(y[x] * whole + (of_rest >> 8) + start);
    }
  }

  // The chroma parts of red, green and blue for each pixel of two rows, one row of `width` behind the other.
  void ChromaParts(const uint8_t* uv, int width, int16_t* parts) const {
    const int dropped_bits = chroma_step_ == 1 ? chroma_bits_ - kPartBits : chroma_bits_;
    const int half = 1 << (dropped_bits - 1);
    const auto part = [half, dropped_bits, step = chroma_step_](int sum) {
      return static_cast<int16_t>(static_cast<int16_t>((sum + half) >> dropped_bits) * step);
    };
    // Copies, as stores to `parts` might change the members.
    const int16_t red_v = red_v_;
    const int16_t green_u = green_u_;
    const int16_t green_v = green_v_;
    const int16_t blue_u = blue_u_;
    int16_t* const red = parts;
    int16_t* const green = red + width;
    int16_t* const blue = green + width;
    for (int x = 0; x < width; x += 2) {
      const auto u = static_cast<int16_t>(uv[x] - 128);
      const auto v = static_cast<int16_t>(uv[x + 1] - 128);
      red[x] = red[x + 1] = part(red_v * v);
      green[x] = green[x + 1] = part(green_u * u + green_v * v);
      blue[x] = blue[x + 1] = part(blue_u * u);
    }
  }

 private:
  int luma_gain_;
  int luma_start_;
  int chroma_bits_;
  int16_t chroma_step_;
  int16_t red_v_;
  int16_t green_u_;
  int16_t green_v_;
  int16_t blue_u_;
};

// 0..1, as ONNX models take colours.
struct UnitFloat {
  using Value = float;
  static Value Of(int16_t level) { return static_cast<float>(level) * (1.0F / 255.0F); }
  static constexpr Value kPad = kPadY / 255.0F;
};

// The byte less 128, as a signed byte: models of the BPU take RGB so, and its Python library subtracts 128
// itself.
struct SignedByte {
  using Value = uint8_t;
  static Value Of(int16_t level) { return static_cast<uint8_t>(level) ^ 0x80; }
  static constexpr Value kPad = kPadY ^ 0x80;
};

template <typename Colour>
void WriteRow(const int16_t* luma, const int16_t* chroma, int width, typename Colour::Value* target) {
  for (int x = 0; x < width; ++x) {
    const auto level =
        static_cast<int16_t>((static_cast<int16_t>(luma[x] + chroma[x]) >> kPartBits) + kMiddle);
    target[x] = Colour::Of(std::clamp<int16_t>(level, 0, 255));
  }
}

// Three planes of rows `pitch` values apart; values behind the model's width are left alone.
template <typename Colour>
void WritePlanes(const Nv12View& content, const Placement& placement, YuvRange range,
                 typename Colour::Value* planes, int pitch, Scratch& scratch) {
  using Value = typename Colour::Value;
  const ToRgb to_rgb(range == YuvRange::kFull ? kFullRange : kLimitedRange);
  const int width = content.size.width_px;
  const int height = content.size.height_px;
  const int model_width = placement.model.width_px;
  const int model_height = placement.model.height_px;
  const size_t plane_size = static_cast<size_t>(pitch) * model_height;
  int16_t* const luma = GrowTo(scratch.parts, static_cast<size_t>(width) * 4);
  int16_t* const chroma = luma + width;

  const int first = placement.pad_y_px;
  for (int channel = 0; channel < 3; ++channel) {
    Value* const plane = planes + plane_size * channel;
    for (int y = 0; y < model_height; ++y) {
      if (y == first) y += height;
      if (y == model_height) break;
      std::fill_n(plane + static_cast<size_t>(y) * pitch, model_width, Colour::kPad);
    }
  }
  for (int y = 0; y < height; ++y) {
    if (y % 2 == 0) {
      to_rgb.ChromaParts(content.uv + static_cast<ptrdiff_t>(y / 2) * content.uv_stride_bytes, width, chroma);
    }
    to_rgb.LumaParts(content.y + static_cast<ptrdiff_t>(y) * content.y_stride_bytes, width, luma);
    for (int channel = 0; channel < 3; ++channel) {
      Value* const row = planes + plane_size * channel + static_cast<size_t>(first + y) * pitch;
      Value* const content_start = row + placement.pad_x_px;
      std::fill(row, content_start, Colour::kPad);
      WriteRow<Colour>(luma, chroma + static_cast<ptrdiff_t>(channel) * width, width, content_start);
      std::fill(content_start + width, row + model_width, Colour::kPad);
    }
  }
}

class FromRgb {
 public:
  explicit FromRgb(const Range& range)
      : red_y_(Fixed(kRedInY * range.y_levels / 255, kBits)),
        blue_y_(Fixed(kBlueInY * range.y_levels / 255, kBits)),
        // What the others leave: grey stays grey.
        green_y_(Fixed(range.y_levels / 255.0, kBits) - red_y_ - blue_y_),
        red_u_(Fixed(-kRedInY / kBluePerU * range.chroma_levels / 255, kBits)),
        green_u_(Fixed(-kGreenInY / kBluePerU * range.chroma_levels / 255, kBits)),
        green_v_(Fixed(-kGreenInY / kRedPerV * range.chroma_levels / 255, kBits)),
        blue_v_(Fixed(-kBlueInY / kRedPerV * range.chroma_levels / 255, kBits)),
        black_(range.black) {}

  uint8_t Y(int red, int green, int blue) const {
    const int sum = red_y_ * red + green_y_ * green + blue_y_ * blue;
    return static_cast<uint8_t>(black_ + ((sum + (1 << (kBits - 1))) >> kBits));
  }

  // Of the sums over four pixels.
  void Uv(int red, int green, int blue, uint8_t* uv) const {
    uv[0] = Chroma(red_u_ * red + green_u_ * green - (red_u_ + green_u_) * blue);
    uv[1] = Chroma(green_v_ * green + blue_v_ * blue - (green_v_ + blue_v_) * red);
  }

 private:
  static constexpr int kBits = 16;
  static uint8_t Chroma(int sum_of_four) {
    const int level = 128 + ((sum_of_four + (1 << (kBits + 1))) >> (kBits + 2));
    return static_cast<uint8_t>(std::clamp(level, 0, 255));
  }
  int red_y_;
  int blue_y_;
  int green_y_;
  int red_u_;
  int green_u_;
  int green_v_;
  int blue_v_;
  int black_;
};

template <int kChannels, bool kIsBlueFirst>
void WriteNv12(const ColourRows& rows, const FromRgb& from_rgb, const Nv12Target& target) {
  constexpr int kRed = kIsBlueFirst ? 2 : 0;
  constexpr int kBlue = 2 - kRed;
  for (int y = 0; y < target.size.height_px; y += 2) {
    const uint8_t* const above = rows.data + static_cast<ptrdiff_t>(y) * rows.stride_bytes;
    const uint8_t* const below = above + rows.stride_bytes;
    uint8_t* const y_above = target.y + static_cast<ptrdiff_t>(y) * target.y_stride_bytes;
    uint8_t* const y_below = y_above + target.y_stride_bytes;
    uint8_t* const uv = target.uv + static_cast<ptrdiff_t>(y / 2) * target.uv_stride_bytes;
    const auto luma = [&](const uint8_t* pixel) { return from_rgb.Y(pixel[kRed], pixel[1], pixel[kBlue]); };
    for (int x = 0; x < target.size.width_px; x += 2) {
      const uint8_t* const a = above + x * kChannels;
      const uint8_t* const b = below + x * kChannels;
      const auto sum = [=](int channel) {
        return a[channel] + a[channel + kChannels] + b[channel] + b[channel + kChannels];
      };
      y_above[x] = luma(a);
      y_above[x + 1] = luma(a + kChannels);
      y_below[x] = luma(b);
      y_below[x + 1] = luma(b + kChannels);
      from_rgb.Uv(sum(kRed), sum(1), sum(kBlue), uv + x);
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
  // libyuv names formats by the word they make on a little-endian machine: its "ARGB" is B, G, R, A in
  // memory. With the constants for swapped chroma and the NV21 function the same code writes R, G, B, A.
  const auto& swapped = range == YuvRange::kFull ? libyuv::kYvuJPEGConstants : libyuv::kYvuI601Constants;
  libyuv::NV21ToARGBMatrix(picture.y, picture.y_stride_bytes, picture.uv, picture.uv_stride_bytes, rgba,
                           picture.size.width_px * 4, &swapped, picture.size.width_px,
                           picture.size.height_px);
}

void ColourToNv12(const ColourRows& rows, YuvRange range, const Nv12Target& target) {
  const FromRgb from_rgb(range == YuvRange::kFull ? kFullRange : kLimitedRange);
  if (rows.channels == 3) {
    rows.is_blue_first ? WriteNv12<3, true>(rows, from_rgb, target)
                       : WriteNv12<3, false>(rows, from_rgb, target);
  } else {
    rows.is_blue_first ? WriteNv12<4, true>(rows, from_rgb, target)
                       : WriteNv12<4, false>(rows, from_rgb, target);
  }
}

}  // namespace rdk
