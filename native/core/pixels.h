// Pixel work, free of Node: scale, letterbox, convert. Colour is BT.601 throughout.
//
// Sizes of NV12 are even and at least 2, strides at least the width; the callers check (requests.cc).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace rdk {

enum class Filter { kBilinear, kBox };
// Where black and white lie: 0..255 or 16..235 (chroma 16..240).
enum class YuvRange { kFull, kLimited };

struct Size {
  int width_px = 0;
  int height_px = 0;
};

// A rectangle of a picture.
struct Region {
  int x_px = 0;
  int y_px = 0;
  Size size;
};

// The part of the source that is shown, and size and top-left corner of that inside the model input.
struct Placement {
  Region region;
  Size model;
  Size content;
  int pad_x_px = 0;
  int pad_y_px = 0;
};

// NV12 pixels, read or written in place: Y rows, and interleaved UV rows of half the height.
template <typename Byte>
struct Nv12 {
  Byte* y = nullptr;
  Byte* uv = nullptr;
  Size size;
  int y_stride_bytes = 0;
  int uv_stride_bytes = 0;
};
using Nv12View = Nv12<const uint8_t>;
using Nv12Target = Nv12<uint8_t>;

inline Nv12View ViewOf(const Nv12Target& target) {
  return {target.y, target.uv, target.size, target.y_stride_bytes, target.uv_stride_bytes};
}

// Packed NV12 without gaps in `bytes`.
constexpr size_t PackedNv12Bytes(Size size) {
  return static_cast<size_t>(size.width_px) * size.height_px * 3 / 2;
}
Nv12Target PackedNv12(uint8_t* bytes, Size size);

// One axis of a resize: every target pixel is a weighted mean of `count` source pixels from `first` on.
struct Taps {
  int count = 0;  // Even.
  int channels = 0;
  std::vector<int> first;
  std::vector<uint16_t> weights;  // One row per tap, repeated for each channel.

  void Resize(int tap_count, int target_px, int channel_count);
  const uint16_t* WeightsOf(int tap) const { return weights.data() + tap * first.size() * channels; }
  void Set(int tap, int index, int weight) {
    std::fill_n(weights.data() + (tap * first.size() + index) * channels, channels,
                static_cast<uint16_t>(weight));
  }
};

// Grows to the size asked for; never shrinks.
template <typename Value>
Value* GrowTo(std::vector<Value>& values, size_t size) {
  if (values.size() < size) values.resize(size);
  return values.data();
}

class JpegDecoder;

// The most that one job keeps of a picture for the next one: an RGBA picture of 3840 x 2160. What is larger
// is given back: each job in flight would keep as much for good, and glibc returns blocks of this size to the
// system.
inline constexpr size_t kKeptBytes = size_t{32} << 20;

// Memory for the intermediates of one job; grows to the largest job it served. A picture above kKeptBytes
// goes with its job, the rest stays.
struct Scratch {
  std::vector<uint8_t> opened;        // A picture decoded, or its planes taken apart.
  std::shared_ptr<JpegDecoder> jpeg;  // Made for the first JPEG.
  std::vector<uint8_t> colour;        // Scaled packed colour.
  std::vector<uint8_t> content;       // Scaled NV12.
  std::vector<uint8_t> preview;       // Scaled NV12.
  std::vector<int16_t> parts;         // What Y and chroma add to a row of RGB.
  std::vector<uint16_t> row_sums;     // Source rows added up to one.
  std::vector<uint16_t> gathered;     // Its pixels at two taps of every column.
  std::vector<uint32_t> column_sums;  // One target row.
  Taps rows;
  Taps columns;
};

// The filter that is used for these sizes. kBox works where either axis shrinks by more than 2 and neither
// grows: it averages every source pixel, weighted by how much of it lies in the target pixel. Elsewhere kBox
// is kBilinear, which reads at most 2x2 source pixels around the target pixel's centre. At a reduction of
// exactly 3 it reads one: that is point sampling.
Filter EffectiveFilter(Filter wanted, Size source, Size target);

// The content rectangle of a whole model input.
Nv12Target ContentOf(const Nv12Target& model, const Placement& placement);
// The grey around a picture, as models are trained with.
inline constexpr uint8_t kPadY = 114;
inline constexpr uint8_t kPadUv = 128;

// Fills everything but the content with grey.
void PadNv12(const Nv12Target& model, const Placement& placement);

// Writes [3, H, W] f32 RGB planes, 0..1: the content at its place and 114/255 around it.
void WriteRgbPlanes(const Nv12View& content, const Placement& placement, YuvRange range, float* planes,
                    Scratch& scratch);

// The same as bytes less 128, in rows `pitch_bytes` apart; bytes behind the model's width are not written.
void WriteRgbBytePlanes(const Nv12View& content, const Placement& placement, YuvRange range, uint8_t* planes,
                        int pitch_bytes, Scratch& scratch);

// Writes packed RGBA rows of the picture's own size, alpha 255.
void WriteRgba(const Nv12View& picture, YuvRange range, uint8_t* rgba);

// Rows of pixels of `channels` (3 or 4) bytes: R, G, B or B, G, R, and a fourth that is left out.
struct ColourRows {
  const uint8_t* data;
  int stride_bytes;
  int channels;
  bool is_blue_first;
};

// Rows of the target's size to NV12; chroma is the mean of 2x2 pixels.
void ColourToNv12(const ColourRows& rows, YuvRange range, const Nv12Target& target);

// A resize of one plane of 1 to 4 interleaved `channels`.
struct PlaneScaling {
  const uint8_t* source;
  int source_stride_bytes;
  Size source_size;
  uint8_t* target;
  int target_stride_bytes;
  Size target_size;
  int channels;
};

// No axis may shrink by more than this.
inline constexpr int kMaxReduction = 128;

// Aligned at the plane's edges; `filter` as EffectiveFilter says.
void ScalePlane(const PlaneScaling& plane, Filter filter, Scratch& scratch);

// Means of boxes of whole pixels, rounded to nearest: both axes shrink by whole numbers.
void ScaleWholeBoxes(const PlaneScaling& plane, Scratch& scratch);

// Any sizes, but kBox only where neither axis grows. Weights are rounded to 1/256, the result to nearest.
void ScaleWeighted(const PlaneScaling& plane, Filter filter, Scratch& scratch);

// Scratch for as many jobs as run at once; each job borrows one and returns it.
class ScratchPool : public std::enable_shared_from_this<ScratchPool> {
 public:
  class Lease {
   public:
    explicit Lease(std::shared_ptr<ScratchPool> pool);
    ~Lease();
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Scratch& operator*() const { return *scratch_; }

   private:
    std::shared_ptr<ScratchPool> pool_;
    std::unique_ptr<Scratch> scratch_;
  };

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<Scratch>> idle_;
};

}  // namespace rdk
