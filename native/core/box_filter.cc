// libyuv has a box filter, but it does not serve here (measured, version 1857): UVScale ignores it for all
// but a few reductions and point-samples the chroma instead (up to 194 levels off at 1/3), and ScalePlane
// truncates twice, so that grey 128 comes out as 127. Sums over rows come first: that loop is the bulk and
// vectorises.
#include <array>

#include "core/pixels.h"

namespace rdk {
namespace {

void SumRows(const uint8_t* rows, int stride_bytes, int row_count, int bytes, uint16_t* sums) {
  const uint8_t* a = rows;
  const uint8_t* b = rows + stride_bytes;
  const uint8_t* c = rows + 2 * static_cast<ptrdiff_t>(stride_bytes);
  int next = 3;
  if (row_count == 1) {
    for (int i = 0; i < bytes; ++i) sums[i] = a[i];
  } else if (row_count == 2) {
    for (int i = 0; i < bytes; ++i) sums[i] = a[i] + b[i];
  } else {
    for (int i = 0; i < bytes; ++i) sums[i] = a[i] + b[i] + c[i];
  }
  for (; next < row_count; ++next) {
    const uint8_t* row = rows + static_cast<ptrdiff_t>(next) * stride_bytes;
    for (int i = 0; i < bytes; ++i) sums[i] += row[i];
  }
}

// round(sum / area) without a division: exact for every sum up to 255 * area with area below 2^15.
struct Mean {
  explicit Mean(uint32_t area) : area(area), reciprocal((1ULL << 40) / (2 * area) + 1) {}
  uint8_t operator()(uint32_t sum) const {
    return static_cast<uint8_t>(((2ULL * sum + area) * reciprocal) >> 40);
  }
  uint32_t area;
  uint64_t reciprocal;
};

// `kWidth` is that of the boxes; 0 stands for one known at run time only.
template <int kChannels, int kWidth>
void MeanOfRow(const uint16_t* sums, Size box, int target_px, uint8_t* target) {
  const int width_px = kWidth == 0 ? box.width_px : kWidth;
  const Mean mean(static_cast<uint32_t>(width_px * box.height_px));
  for (int x = 0; x < target_px; ++x) {
    for (int channel = 0; channel < kChannels; ++channel) {
      uint32_t sum = 0;
      for (int i = 0; i < width_px; ++i) sum += sums[(x * width_px + i) * kChannels + channel];
      target[x * kChannels + channel] = mean(sum);
    }
  }
}

template <int kChannels>
auto MeanOfRowFor(int box_width_px) {
  if (box_width_px == 3) return MeanOfRow<kChannels, 3>;
  if (box_width_px == 4) return MeanOfRow<kChannels, 4>;
  return MeanOfRow<kChannels, 0>;
}

}  // namespace

void ScaleWholeBoxes(const PlaneScaling& plane, Scratch& scratch) {
  const Size target = plane.target_size;
  const Size box = {plane.source_size.width_px / target.width_px,
                    plane.source_size.height_px / target.height_px};
  const int row_bytes = plane.source_size.width_px * plane.channels;
  GrowTo(scratch.row_sums, row_bytes);
  constexpr std::array kMeanOfRow = {MeanOfRowFor<1>, MeanOfRowFor<2>, MeanOfRowFor<3>, MeanOfRowFor<4>};
  const auto mean_of_row = kMeanOfRow[static_cast<size_t>(plane.channels - 1)](box.width_px);
  for (int y = 0; y < target.height_px; ++y) {
    const ptrdiff_t top = static_cast<ptrdiff_t>(y) * box.height_px;
    SumRows(plane.source + top * plane.source_stride_bytes, plane.source_stride_bytes, box.height_px,
            row_bytes, scratch.row_sums.data());
    mean_of_row(scratch.row_sums.data(), box, target.width_px,
                plane.target + static_cast<ptrdiff_t>(y) * plane.target_stride_bytes);
  }
}

}  // namespace rdk
