// Copies of tensors between layouts.
#pragma once

#include <cstdint>
#include <vector>

namespace rdk::fakednn {

struct Layout {
  std::vector<int64_t> dims;
  std::vector<int64_t> stride_bytes;

  // Bytes from the first element to the end of the last one.
  int64_t SpannedBytes(int64_t element_bytes) const;
};

// Strides of a tensor with these dimensions and nothing between its elements.
std::vector<int64_t> PackedStrides(const std::vector<int64_t>& dims, int64_t element_bytes);

// Copies all elements; both have the same dimensions.
void CopyStrided(const uint8_t* from, const std::vector<int64_t>& from_strides, uint8_t* to,
                 const Layout& layout, int64_t element_bytes);

}  // namespace rdk::fakednn
