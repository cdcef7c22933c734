// Resizing by weighted means, rows first, then columns; the same on every machine. libyuv does not serve here
// (measured, version 1857): its UVScale comes out 1.5 levels low at ratios that are not whole.
//
// Weights are in 1/256 and add up to 1, so that a flat picture stays what it is; only the result is rounded.
// Taps are taken in pairs: loops without a table in them vectorise, and the one that has it only copies.
#include <algorithm>
#include <array>
#include <cstring>
#include <type_traits>

#include "core/pixels.h"

namespace rdk {
namespace {

constexpr int kOne = 256;
constexpr uint32_t kRounding = kOne * kOne / 2;

int64_t RoundedQuotient(int64_t numerator, int64_t denominator) {
  return (2 * numerator + denominator) / (2 * denominator);
}

// The two pixels around the centre of each target pixel; beyond the outermost centres the picture goes on
// as it ends.
void PrepareLinear(int source_px, int target_px, int channels, Taps& taps) {
  taps.Resize(2, target_px, channels);
  for (int i = 0; i < target_px; ++i) {
    const int64_t half_target_px = std::max<int64_t>(0, (2LL * i + 1) * source_px - target_px);
    const int64_t position = std::min<int64_t>(RoundedQuotient(half_target_px * kOne, 2LL * target_px),
                                               static_cast<int64_t>(source_px - 1) * kOne);
    const int weight = static_cast<int>(position % kOne);
    taps.first[i] = static_cast<int>(position / kOne);
    taps.Set(0, i, kOne - weight);
    taps.Set(1, i, weight);
  }
}

// Every pixel by how much of it lies in the target pixel.
void PrepareArea(int source_px, int target_px, int channels, Taps& taps) {
  const int touched = source_px / target_px + 2;
  taps.Resize(touched + touched % 2, target_px, channels);
  for (int i = 0; i < target_px; ++i) {
    const int64_t start = static_cast<int64_t>(i) * source_px;
    const int first = static_cast<int>(start / target_px);
    taps.first[i] = first;
    int covered = 0;
    for (int tap = 0; tap < taps.count; ++tap) {
      const int64_t end = static_cast<int64_t>(first + tap + 1) * target_px;
      const int covered_till_end =
          static_cast<int>(std::min<int64_t>(kOne, RoundedQuotient((end - start) * kOne, source_px)));
      taps.Set(tap, i, covered_till_end - covered);
      covered = covered_till_end;
    }
  }
}

// Weighted sums over the source rows of target row `y`, in 1/256 levels.
void BlendRows(const PlaneScaling& plane, const Taps& rows, int y, uint16_t* sums) {
  const int row_bytes = plane.source_size.width_px * plane.channels;
  const auto row_of = [&](int tap) {
    const int row = std::min(rows.first[y] + tap, plane.source_size.height_px - 1);
    return plane.source + static_cast<ptrdiff_t>(row) * plane.source_stride_bytes;
  };
  for (int tap = 0; tap < rows.count; tap += 2) {
    const uint8_t* const a = row_of(tap);
    const uint8_t* const b = row_of(tap + 1);
    const uint16_t weight_a = rows.WeightsOf(tap)[y];
    const uint16_t weight_b = rows.WeightsOf(tap + 1)[y];
    if (tap == 0) {
      for (int i = 0; i < row_bytes; ++i) sums[i] = a[i] * weight_a + b[i] * weight_b;
    } else {
      for (int i = 0; i < row_bytes; ++i) sums[i] += a[i] * weight_a + b[i] * weight_b;
    }
  }
}

// Copies the pixels of two neighbouring taps of every column to where their weights lie. Of one and two
// channels one load takes both: the machines are little-endian, and so the loop vectorises.
template <int kChannels>
void GatherPair(const uint16_t* __restrict sums, const int* __restrict first, int columns_px,
                uint16_t* __restrict left, uint16_t* __restrict right) {
  if constexpr (kChannels > 2) {
    for (int x = 0; x < columns_px; ++x) {
      const uint16_t* const pair = sums + first[x] * kChannels;
      std::memcpy(left + x * kChannels, pair, kChannels * sizeof(uint16_t));
      std::memcpy(right + x * kChannels, pair + kChannels, kChannels * sizeof(uint16_t));
    }
    return;
  }
  using Pixel = std::conditional_t<kChannels == 1, uint16_t, uint32_t>;
  using Pair = std::conditional_t<kChannels == 1, uint32_t, uint64_t>;
  for (int x = 0; x < columns_px; ++x) {
    Pair pair;
    std::memcpy(&pair, sums + first[x] * kChannels, sizeof(Pair));
    const auto lower = static_cast<Pixel>(pair);
    const auto upper = static_cast<Pixel>(pair >> (sizeof(Pixel) * 8));
    std::memcpy(left + x * kChannels, &lower, sizeof(Pixel));
    std::memcpy(right + x * kChannels, &upper, sizeof(Pixel));
  }
}

template <int kChannels>
void BlendColumns(const Taps& columns, Scratch& scratch, uint8_t* target) {
  const int columns_px = static_cast<int>(columns.first.size());
  const int values = columns_px * kChannels;
  uint16_t* const left = scratch.gathered.data();
  uint16_t* const right = left + values;
  uint32_t* const sums = scratch.column_sums.data();
  for (int tap = 0; tap < columns.count; tap += 2) {
    GatherPair<kChannels>(scratch.row_sums.data() + tap * kChannels, columns.first.data(), columns_px, left,
                          right);
    const uint16_t* const weight_l = columns.WeightsOf(tap);
    const uint16_t* const weight_r = columns.WeightsOf(tap + 1);
    const auto pair = [=](int i) {
      return static_cast<uint32_t>(left[i]) * weight_l[i] + static_cast<uint32_t>(right[i]) * weight_r[i];
    };
    const bool is_first = tap == 0;
    const bool is_last = tap + 2 == columns.count;
    if (is_first && is_last) {
      for (int i = 0; i < values; ++i) target[i] = static_cast<uint8_t>((pair(i) + kRounding) >> 16);
    } else if (is_first) {
      for (int i = 0; i < values; ++i) sums[i] = pair(i) + kRounding;
    } else if (is_last) {
      for (int i = 0; i < values; ++i) target[i] = static_cast<uint8_t>((sums[i] + pair(i)) >> 16);
    } else {
      for (int i = 0; i < values; ++i) sums[i] += pair(i);
    }
  }
}

}  // namespace

void Taps::Resize(int tap_count, int target_px, int channel_count) {
  count = tap_count;
  channels = channel_count;
  first.resize(target_px);
  weights.resize(static_cast<size_t>(count) * target_px * channels);
}

void ScaleWeighted(const PlaneScaling& plane, Filter filter, Scratch& scratch) {
  const Size source = plane.source_size;
  const Size target = plane.target_size;
  const auto prepare = filter == Filter::kBox ? PrepareArea : PrepareLinear;
  prepare(source.width_px, target.width_px, plane.channels, scratch.columns);
  prepare(source.height_px, target.height_px, 1, scratch.rows);
  const size_t target_row_bytes = static_cast<size_t>(target.width_px) * plane.channels;
  // Taps behind the last pixel weigh nothing, but are read.
  GrowTo(scratch.row_sums, static_cast<size_t>(source.width_px + scratch.columns.count) * plane.channels);
  GrowTo(scratch.gathered, target_row_bytes * 2);
  GrowTo(scratch.column_sums, target_row_bytes);
  constexpr std::array kBlendColumns = {BlendColumns<1>, BlendColumns<2>, BlendColumns<3>, BlendColumns<4>};
  const auto blend_columns = kBlendColumns[static_cast<size_t>(plane.channels - 1)];
  for (int y = 0; y < target.height_px; ++y) {
    BlendRows(plane, scratch.rows, y, scratch.row_sums.data());
    blend_columns(scratch.columns, scratch,
                  plane.target + static_cast<ptrdiff_t>(y) * plane.target_stride_bytes);
  }
}

}  // namespace rdk
