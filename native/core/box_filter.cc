// libyuv has a box filter, but it does not serve here (measured, version 1857): UVScale ignores it for all
// but a few reductions and point-samples the chroma instead (up to 194 levels off at 1/3), and ScalePlane
// truncates twice, so that grey 128 comes out as 127. Sums over rows come first: that loop is the bulk and
// vectorises.
#include <algorithm>

#include "core/pixels.h"

namespace rdk {
namespace {

// Left edge of box `index`: the exact edge rounded to a source pixel, so that the picture does not shift.
int BoxStart(int index, int source_px, int target_px) {
  return static_cast<int>((static_cast<int64_t>(index) * source_px * 2 + target_px) / (2 * target_px));
}

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

template <int kChannels, int kWidth>
void MeanOfEqualBoxes(const uint16_t* sums, int row_count, int target_px, uint8_t* target) {
  const Mean mean(static_cast<uint32_t>(kWidth * row_count));
  for (int x = 0; x < target_px; ++x) {
    for (int channel = 0; channel < kChannels; ++channel) {
      uint32_t sum = 0;
      for (int i = 0; i < kWidth; ++i) sum += sums[(x * kWidth + i) * kChannels + channel];
      target[x * kChannels + channel] = mean(sum);
    }
  }
}

// Boxes whose widths are `narrow` or one more.
template <int kChannels>
void MeanOfBoxes(const uint16_t* sums, int row_count, const int* edges, int narrow, int target_px,
                 uint8_t* target) {
  const Mean means[2] = {Mean(static_cast<uint32_t>(narrow * row_count)),
                         Mean(static_cast<uint32_t>((narrow + 1) * row_count))};
  for (int x = 0; x < target_px; ++x) {
    const Mean& mean = means[edges[x + 1] - edges[x] - narrow];
    for (int channel = 0; channel < kChannels; ++channel) {
      uint32_t sum = 0;
      for (int i = edges[x]; i < edges[x + 1]; ++i) sum += sums[i * kChannels + channel];
      target[x * kChannels + channel] = mean(sum);
    }
  }
}

template <int kChannels>
void MeanOfRow(const uint16_t* sums, int row_count, const int* edges, int source_px, int target_px,
               uint8_t* target) {
  const int narrow = source_px / target_px;
  const bool is_even = narrow * target_px == source_px;
  if (is_even && narrow == 3) {
    MeanOfEqualBoxes<kChannels, 3>(sums, row_count, target_px, target);
  } else if (is_even && narrow == 4) {
    MeanOfEqualBoxes<kChannels, 4>(sums, row_count, target_px, target);
  } else {
    MeanOfBoxes<kChannels>(sums, row_count, edges, narrow, target_px, target);
  }
}

}  // namespace

void ScaleBox(const uint8_t* source, int source_stride_bytes, Size source_size, uint8_t* target,
              int target_stride_bytes, Size target_size, int channels, Scratch& scratch) {
  const int row_bytes = source_size.width_px * channels;
  if (scratch.row_sums.size() < static_cast<size_t>(row_bytes)) scratch.row_sums.resize(row_bytes);
  scratch.box_edges.resize(target_size.width_px + 1);
  for (int x = 0; x <= target_size.width_px; ++x) {
    scratch.box_edges[x] = BoxStart(x, source_size.width_px, target_size.width_px);
  }
  const auto mean_of_row = channels == 1 ? MeanOfRow<1> : MeanOfRow<2>;
  for (int y = 0; y < target_size.height_px; ++y) {
    const int top = BoxStart(y, source_size.height_px, target_size.height_px);
    const int row_count = BoxStart(y + 1, source_size.height_px, target_size.height_px) - top;
    SumRows(source + static_cast<ptrdiff_t>(top) * source_stride_bytes, source_stride_bytes, row_count,
            row_bytes, scratch.row_sums.data());
    mean_of_row(scratch.row_sums.data(), row_count, scratch.box_edges.data(), source_size.width_px,
                target_size.width_px, target + static_cast<ptrdiff_t>(y) * target_stride_bytes);
  }
}

}  // namespace rdk
