#include "fakednn/input_pixels.h"

#include "fakednn/names.h"
#include "fakednn/strided.h"

namespace rdk::fakednn {
namespace {

std::vector<int64_t> Dims(const hbDNNTensorShape& shape) {
  return {shape.dimensionSize, shape.dimensionSize + shape.numDimensions};
}

void AppendRows(Bytes& packed, const uint8_t* rows, int64_t count, int64_t width_bytes, int64_t pitch_bytes) {
  for (int64_t row = 0; row < count; ++row, rows += pitch_bytes) {
    packed.insert(packed.end(), rows, rows + width_bytes);
  }
}

}  // namespace

bool IsNv12(int32_t tensor_type) {
  return tensor_type == HB_DNN_IMG_TYPE_NV12 || tensor_type == HB_DNN_IMG_TYPE_NV12_SEPARATE;
}

int64_t PitchOf(const hbDNNTensorProperties& properties) { return properties.alignedShape.dimensionSize[3]; }

std::vector<size_t> InputSizes(const hbDNNTensorProperties& p) {
  if (!IsNv12(p.tensorType)) {
    size_t size = static_cast<size_t>(ElementBytes(p.tensorType));
    for (const int64_t dim : Dims(p.alignedShape)) size *= static_cast<size_t>(dim);
    return {size};
  }
  const auto y_size = static_cast<size_t>(PitchOf(p) * p.alignedShape.dimensionSize[2]);
  if (p.tensorType == HB_DNN_IMG_TYPE_NV12_SEPARATE) return {y_size, y_size / 2};
  return {y_size + y_size / 2};
}

Bytes PackedInput(const hbDNNTensorProperties& p, const std::vector<Range>& memory) {
  Bytes packed;
  if (IsNv12(p.tensorType)) {
    const int64_t height = p.validShape.dimensionSize[2];
    const int64_t width = p.validShape.dimensionSize[3];
    const uint8_t* const y = memory[0].device();
    const uint8_t* const uv =
        memory.size() > 1 ? memory[1].device() : y + PitchOf(p) * p.alignedShape.dimensionSize[2];
    packed.reserve(static_cast<size_t>(width * height * 3 / 2));
    AppendRows(packed, y, height, width, PitchOf(p));
    AppendRows(packed, uv, height / 2, width, PitchOf(p));
    return packed;
  }
  const int64_t element_bytes = ElementBytes(p.tensorType);
  const Layout layout{Dims(p.validShape), PackedStrides(Dims(p.validShape), element_bytes)};
  packed.resize(static_cast<size_t>(layout.SpannedBytes(element_bytes)));
  CopyStrided(memory[0].device(), PackedStrides(Dims(p.alignedShape), element_bytes), packed.data(), layout,
              element_bytes);
  return packed;
}

}  // namespace rdk::fakednn
