#include <libyuv/planar_functions.h>
#include <libyuv/scale.h>
#include <libyuv/scale_uv.h>

#include "core/pixels.h"

namespace rdk {
namespace {

// Fills the border around the content in one plane; x and widths in bytes.
void PadPlane(uint8_t* plane, int stride_bytes, int width, int height, int x, int y, int content_width,
              int content_height, uint8_t value) {
  const auto fill = [&](int left, int top, int fill_width, int fill_height) {
    libyuv::SetPlane(plane + static_cast<ptrdiff_t>(top) * stride_bytes + left, stride_bytes, fill_width,
                     fill_height, value);
  };
  const int right = x + content_width;
  const int bottom = y + content_height;
  if (y > 0) fill(0, 0, width, y);
  if (bottom < height) fill(0, bottom, width, height - bottom);
  if (x > 0) fill(0, y, x, content_height);
  if (right < width) fill(right, y, width - right, content_height);
}

bool IsWhole(Size source, Size target) {
  return source.width_px % target.width_px == 0 && source.height_px % target.height_px == 0;
}

// Where libyuv is exact: the same size is a copy, 1/2 the rounded mean of 2x2 pixels, 1/3 the middle of 3x3.
bool IsExactInLibyuv(Size source, Size target) {
  const int ratio = source.width_px / target.width_px;
  return ratio >= 1 && ratio <= 3 && source.width_px == ratio * target.width_px &&
         source.height_px == ratio * target.height_px;
}

}  // namespace

Nv12Target PackedNv12(uint8_t* bytes, Size size) {
  return {bytes, bytes + static_cast<size_t>(size.width_px) * size.height_px, size, size.width_px,
          size.width_px};
}

Filter EffectiveFilter(Filter wanted, Size source, Size target) {
  const bool shrinks_much = source.width_px > 2 * target.width_px || source.height_px > 2 * target.height_px;
  const bool grows = source.width_px < target.width_px || source.height_px < target.height_px;
  return wanted == Filter::kBox && shrinks_much && !grows ? Filter::kBox : Filter::kBilinear;
}

void ScalePlane(const PlaneScaling& plane, Filter filter, Scratch& scratch) {
  const Size from = plane.source_size;
  const Size to = plane.target_size;
  if (filter == Filter::kBox && IsWhole(from, to)) {
    ScaleWholeBoxes(plane, scratch);
  } else if (plane.channels <= 2 && filter == Filter::kBilinear && IsExactInLibyuv(from, to)) {
    const auto run = [&](auto scale) {
      scale(plane.source, plane.source_stride_bytes, from.width_px, from.height_px, plane.target,
            plane.target_stride_bytes, to.width_px, to.height_px, libyuv::kFilterBilinear);
    };
    plane.channels == 1 ? run(libyuv::ScalePlane) : run(libyuv::UVScale);
  } else {
    ScaleWeighted(plane, filter, scratch);
  }
}

Nv12Target ContentOf(const Nv12Target& model, const Placement& placement) {
  Nv12Target content = model;
  content.size = placement.content;
  content.y += static_cast<ptrdiff_t>(placement.pad_y_px) * model.y_stride_bytes + placement.pad_x_px;
  content.uv += static_cast<ptrdiff_t>(placement.pad_y_px / 2) * model.uv_stride_bytes + placement.pad_x_px;
  return content;
}

void PadNv12(const Nv12Target& model, const Placement& placement) {
  const Size content = placement.content;
  PadPlane(model.y, model.y_stride_bytes, model.size.width_px, model.size.height_px, placement.pad_x_px,
           placement.pad_y_px, content.width_px, content.height_px, kPadY);
  PadPlane(model.uv, model.uv_stride_bytes, model.size.width_px, model.size.height_px / 2, placement.pad_x_px,
           placement.pad_y_px / 2, content.width_px, content.height_px / 2, kPadUv);
}

ScratchPool::Lease::Lease(std::shared_ptr<ScratchPool> pool) : pool_(std::move(pool)) {
  const std::lock_guard<std::mutex> lock(pool_->mutex_);
  if (pool_->idle_.empty()) {
    scratch_ = std::make_unique<Scratch>();
  } else {
    scratch_ = std::move(pool_->idle_.back());
    pool_->idle_.pop_back();
  }
}

ScratchPool::Lease::~Lease() {
  if (scratch_->opened.capacity() > kKeptBytes) std::vector<uint8_t>().swap(scratch_->opened);
  const std::lock_guard<std::mutex> lock(pool_->mutex_);
  pool_->idle_.push_back(std::move(scratch_));
}

}  // namespace rdk
