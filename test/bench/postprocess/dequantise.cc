// Integers to floats as a Dequantize node on the CPU does it, written plainly: what leaving the node in costs
// at least.
#include <node_api.h>

#include <cstddef>
#include <cstdint>

namespace {

struct Array {
  napi_typedarray_type type = napi_uint8_array;
  std::size_t length = 0;
  void* data = nullptr;
};

bool ReadArray(napi_env env, napi_value value, Array& array) {
  return napi_get_typedarray_info(env, value, &array.type, &array.length, &array.data, nullptr, nullptr) ==
         napi_ok;
}

template <typename Integer>
void Dequantise(const Array& integers, const Array& scales, float* reals) {
  const auto* from = static_cast<const Integer*>(integers.data);
  const auto* scale = static_cast<const float*>(scales.data);
  if (scales.length == 1) {
    for (std::size_t at = 0; at < integers.length; at++) reals[at] = static_cast<float>(from[at]) * scale[0];
    return;
  }
  for (std::size_t cell = 0; cell < integers.length; cell += scales.length) {
    for (std::size_t channel = 0; channel < scales.length; channel++) {
      reals[cell + channel] = static_cast<float>(from[cell + channel]) * scale[channel];
    }
  }
}

/** (integers, scales, reals): whole cells of int32 or int16, a scale per channel or one for all. */
napi_value DequantiseInto(napi_env env, napi_callback_info info) {
  std::size_t count = 3;
  napi_value arguments[3] = {};
  Array integers;
  Array scales;
  Array reals;
  const bool is_read = napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr) == napi_ok &&
                       ReadArray(env, arguments[0], integers) && ReadArray(env, arguments[1], scales) &&
                       ReadArray(env, arguments[2], reals);
  const bool fits = is_read && scales.type == napi_float32_array && reals.type == napi_float32_array &&
                    reals.length == integers.length && scales.length > 0 &&
                    integers.length % scales.length == 0;
  if (fits && integers.type == napi_int32_array) {
    Dequantise<std::int32_t>(integers, scales, static_cast<float*>(reals.data));
  } else if (fits && integers.type == napi_int16_array) {
    Dequantise<std::int16_t>(integers, scales, static_cast<float*>(reals.data));
  } else {
    napi_throw_type_error(env, nullptr, "expected integers, scales and as many floats as integers");
  }
  return nullptr;
}

}  // namespace

NAPI_MODULE_INIT() {
  napi_value function = nullptr;
  if (napi_create_function(env, "dequantise", NAPI_AUTO_LENGTH, DequantiseInto, nullptr, &function) !=
          napi_ok ||
      napi_set_named_property(env, exports, "dequantise", function) != napi_ok) {
    return nullptr;
  }
  return exports;
}
