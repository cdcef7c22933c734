#include "common/picture_size.h"

#include <cstdio>
#include <cstring>
#include <string>

#include "common/coded_error.h"

namespace rdk {
namespace {

uint32_t BigEndian16(const uint8_t* at) { return static_cast<uint32_t>(at[0] << 8 | at[1]); }
uint32_t BigEndian32(const uint8_t* at) { return BigEndian16(at) << 16 | BigEndian16(at + 2); }

std::string FirstBytes(const uint8_t* data, size_t bytes) {
  std::string text;
  for (size_t i = 0; i < bytes && i < 8; ++i) {
    char hex[4];
    std::snprintf(hex, sizeof(hex), i == 0 ? "%02x" : " %02x", data[i]);
    text += hex;
  }
  return text.empty() ? "nothing" : text;
}

[[noreturn]] void Refuse(const std::string& message) { throw CodedError(ErrorCode::kPicture, message); }

[[noreturn]] void RefuseStart(const char* format, const uint8_t* data, size_t bytes) {
  Refuse("not a " + std::string(format) + ": its " + std::to_string(bytes) + " bytes begin with " +
         FirstBytes(data, bytes));
}

// Whether a marker begins a frame header: SOF0 to SOF15 without the tables and extensions among them.
bool IsFrameHeader(uint8_t marker) {
  constexpr uint8_t kHuffmanTables = 0xC4;
  constexpr uint8_t kExtension = 0xC8;
  constexpr uint8_t kArithmeticTables = 0xCC;
  return marker >= 0xC0 && marker <= 0xCF && marker != kHuffmanTables && marker != kExtension &&
         marker != kArithmeticTables;
}

bool HasNoLength(uint8_t marker) { return marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8); }

PictureSize SizeOfJpeg(const uint8_t* data, size_t bytes) {
  constexpr uint8_t kScan = 0xDA;
  constexpr uint8_t kEnd = 0xD9;
  if (bytes < 4 || data[0] != 0xFF || data[1] != 0xD8 || data[2] != 0xFF) RefuseStart("JPEG", data, bytes);
  size_t at = 2;
  while (at + 1 < bytes) {
    if (data[at] != 0xFF || data[at + 1] == 0xFF || data[at + 1] == 0x00) {
      // Fill bytes, or rubbish between the segments, as decoders pass over it.
      ++at;
      continue;
    }
    const uint8_t marker = data[at + 1];
    at += 2;
    if (HasNoLength(marker)) continue;
    if (marker == kScan || marker == kEnd) break;
    if (at + 2 > bytes) break;
    const size_t segment_bytes = BigEndian16(data + at);
    if (IsFrameHeader(marker)) {
      constexpr size_t kHeightAt = 3;
      constexpr size_t kWidthAt = 5;
      if (at + kWidthAt + 2 > bytes) break;
      return {BigEndian16(data + at + kWidthAt), BigEndian16(data + at + kHeightAt)};
    }
    if (segment_bytes < 2) break;
    at += segment_bytes;
  }
  Refuse("the JPEG of " + std::to_string(bytes) +
         " bytes ends or its picture begins before a header tells the size");
}

PictureSize SizeOfPng(const uint8_t* data, size_t bytes) {
  constexpr uint8_t kStart[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n', 0, 0, 0, 13, 'I', 'H', 'D', 'R'};
  constexpr size_t kWidthAt = sizeof(kStart);
  constexpr size_t kHeightAt = kWidthAt + 4;
  constexpr size_t kDepthAt = kHeightAt + 4;
  if (bytes <= kDepthAt || std::memcmp(data, kStart, sizeof(kStart)) != 0) RefuseStart("PNG", data, bytes);
  if (data[kDepthAt] > 8) {
    Refuse("the PNG has " + std::to_string(data[kDepthAt]) +
           " bits per channel, as depth pictures do; expected at most 8");
  }
  return {BigEndian32(data + kWidthAt), BigEndian32(data + kHeightAt)};
}

}  // namespace

PictureSize SizeOfCompressed(PixelFormat format, const uint8_t* data, size_t bytes) {
  const bool is_jpeg = format == PixelFormat::kJpeg;
  const PictureSize size = is_jpeg ? SizeOfJpeg(data, bytes) : SizeOfPng(data, bytes);
  const uint64_t pixels = static_cast<uint64_t>(size.width_px) * size.height_px;
  if (pixels == 0 || pixels > kMaxCompressedPixels) {
    Refuse("the " + std::string(is_jpeg ? "JPEG" : "PNG") + " of " + std::to_string(bytes) + " bytes is " +
           std::to_string(size.width_px) + " x " + std::to_string(size.height_px) +
           " pixels; expected 1 to " + std::to_string(kMaxCompressedPixels) + " of them");
  }
  return size;
}

}  // namespace rdk
