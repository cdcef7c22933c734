// A camera frame held by native code and shared between the addons of one process.
//
// The addon that takes a frame from the transport owns the memory; another one reads the pixels on a worker
// thread. Both see this struct through a tagged external, so neither needs to know the other: make and read
// those with WrapFrame, FrameHolderOf and ReferenceFrame of frame_external.h only (the external holds a
// FrameHolder, because it outlives the Frame). The layout of both is part of the contract between the
// binaries: kFrameTag changes with it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace rdk {

// Detects a publisher that overwrites a loaned sample while it is read. Words of the header and 64 words
// spread over the pixels are copied at take and compared after the read; an overwrite in between changes the
// header (index, stamp) or, where the publisher fills pixels before the header, almost surely one of the
// words.
class OverwriteGuard {
 public:
  static constexpr size_t kSampleCount = 64;

  void Arm(const uint8_t* header, size_t header_bytes, const uint8_t* pixels, size_t pixel_bytes) {
    header_ = header;
    header_bytes_ = header_bytes < sizeof(header_copy_) ? header_bytes : sizeof(header_copy_);
    pixels_ = pixels;
    span_bytes_ = pixel_bytes < sizeof(uint64_t) ? 0 : pixel_bytes - sizeof(uint64_t);
    std::memcpy(header_copy_, header_, header_bytes_);
    for (size_t i = 0; i < kSampleCount; ++i) samples_[i] = Word(i);
  }

  bool Unchanged() const {
    if (header_ == nullptr) return true;
    if (std::memcmp(header_copy_, header_, header_bytes_) != 0) return false;
    for (size_t i = 0; i < kSampleCount; ++i) {
      if (samples_[i] != Word(i)) return false;
    }
    return true;
  }

 private:
  uint64_t Word(size_t index) const {
    uint64_t word = 0;
    // An odd number of steps over the planes, so that samples do not line up in columns; the last one ends
    // with the last pixel.
    const size_t offset_bytes = span_bytes_ * index / (kSampleCount - 1);
    if (span_bytes_ > 0) std::memcpy(&word, pixels_ + offset_bytes, sizeof(word));
    return word;
  }

  const uint8_t* header_ = nullptr;
  const uint8_t* pixels_ = nullptr;
  size_t header_bytes_ = 0;
  size_t span_bytes_ = 0;
  uint8_t header_copy_[32] = {};
  uint64_t samples_[kSampleCount] = {};
};

// How the bytes of a frame are to be read; picture_view.cc has their names.
enum class PixelFormat : uint32_t {
  kNv12,
  kRgb8,
  kBgr8,
  kRgba8,
  kBgra8,
  kMono8,
  kYuyv,
  kUyvy,
  kJpeg,
  kPng,
};

// A picture in memory that somebody else owns. `references` starts at 1 for the holder of the lease;
// whoever reads the pixels on another thread takes one more for the time of the read.
struct Frame {
  PixelFormat format = PixelFormat::kNv12;
  // Rows of pixels, for NV12 those of Y, or a compressed picture.
  const uint8_t* data = nullptr;
  // Of a compressed picture.
  size_t data_bytes = 0;
  // NV12 only.
  const uint8_t* uv = nullptr;
  uint32_t width_px = 0;
  uint32_t height_px = 0;
  uint32_t stride_bytes = 0;
  uint32_t uv_stride_bytes = 0;
  OverwriteGuard guard;
  // Called once, on the thread that drops the last reference; frees the frame and gives its memory back.
  void (*release)(Frame* self) = nullptr;
  std::atomic<int32_t> references{1};

  void Retain() { references.fetch_add(1, std::memory_order_relaxed); }
  void Release() {
    if (references.fetch_sub(1, std::memory_order_acq_rel) == 1) release(this);
  }
};

}  // namespace rdk
