#include "fakednn/strided.h"

#include <cstring>

namespace rdk::fakednn {

int64_t Layout::SpannedBytes(int64_t element_bytes) const {
  int64_t bytes = element_bytes;
  for (size_t axis = 0; axis < dims.size(); ++axis) bytes += (dims[axis] - 1) * stride_bytes[axis];
  return bytes;
}

std::vector<int64_t> PackedStrides(const std::vector<int64_t>& dims, int64_t element_bytes) {
  std::vector<int64_t> strides(dims.size());
  int64_t stride = element_bytes;
  for (size_t axis = dims.size(); axis-- > 0;) {
    strides[axis] = stride;
    stride *= dims[axis];
  }
  return strides;
}

void CopyStrided(const uint8_t* from, const std::vector<int64_t>& from_strides, uint8_t* to,
                 const Layout& layout, int64_t element_bytes) {
  // What lies packed on both sides is one run.
  size_t outer = layout.dims.size();
  int64_t run_bytes = element_bytes;
  while (outer > 0 && from_strides[outer - 1] == run_bytes && layout.stride_bytes[outer - 1] == run_bytes) {
    run_bytes *= layout.dims[--outer];
  }
  std::vector<int64_t> at(outer, 0);
  for (;;) {
    std::memcpy(to, from, static_cast<size_t>(run_bytes));
    size_t axis = outer;
    while (axis-- > 0) {
      from += from_strides[axis];
      to += layout.stride_bytes[axis];
      if (++at[axis] < layout.dims[axis]) break;
      from -= from_strides[axis] * layout.dims[axis];
      to -= layout.stride_bytes[axis] * layout.dims[axis];
      at[axis] = 0;
      if (axis == 0) return;
    }
    if (outer == 0) return;
  }
}

}  // namespace rdk::fakednn
