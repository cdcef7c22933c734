// What a model says of its tensors, in any bytes: it is refused, or all elements lie inside of its memory.
#include <cstring>

#include "common/coded_error.h"
#include "core/bpu/tensor_info.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t bytes) {
  hbDNNTensorProperties properties{};
  std::memcpy(&properties, data, bytes < sizeof(properties) ? bytes : sizeof(properties));
  // Memory that the library owns; its lengths stay any number.
  static float scales[1 << 16];
  static int32_t zero_points[1 << 16];
  static uint8_t shifts[1 << 16];
  properties.scale.scaleData = scales;
  properties.scale.zeroPointData = reinterpret_cast<decltype(properties.scale.zeroPointData)>(zero_points);
  properties.shift.shiftData = shifts;
  const auto attempt = [](auto check) {
    try {
      check();
    } catch (const rdk::CodedError& error) {
      if (error.code() != rdk::ErrorCode::kBpuModel) __builtin_trap();
    }
  };
  attempt([&] {
    const rdk::bpu::TensorInfo info = rdk::bpu::CopyTensorInfo("tensor", properties);
    attempt([&] { static_cast<void>(rdk::bpu::LayoutOfInput(info)); });
    attempt([&] {
      rdk::bpu::CheckOutput(info);
      int64_t end = rdk::bpu::ElementBytes(info.properties.tensorType);
      const auto& shape = info.properties.validShape;
      for (int axis = 0; axis < shape.numDimensions; ++axis) {
        end += (int64_t{shape.dimensionSize[axis]} - 1) * info.properties.stride[axis];
      }
      if (end > info.properties.alignedByteSize) __builtin_trap();
    });
  });
  return 0;
}
