// Checks at the N-API edge: type, range and byte length, before anything is touched.
#pragma once

#include <napi.h>

#include <cstdint>
#include <string>

#include "common/coded_error.h"

namespace rdk {

// What a wrong value is called in a message: its type, or the number itself.
inline std::string Describe(const Napi::Value& value) {
  if (value.IsNumber() || value.IsBoolean() || value.IsNull() || value.IsUndefined() || value.IsBigInt()) {
    return value.ToString().Utf8Value();
  }
  if (value.IsString()) return "'" + value.As<Napi::String>().Utf8Value() + "'";
  if (value.IsFunction()) return "a function";
  if (value.IsArrayBuffer()) return "an ArrayBuffer";
  if (value.IsTypedArray()) return "a typed array";
  if (value.IsSymbol()) return "a symbol";
  return "an object";
}

inline Napi::Object ObjectArgument(const Napi::Value& value, const std::string& name) {
  if (!value.IsObject() || value.IsExternal()) throw ArgumentError("an object", name, Describe(value));
  return value.As<Napi::Object>();
}

inline std::string TextOf(const Napi::Object& object, const char* key) {
  const Napi::Value value = object.Get(key);
  if (!value.IsString()) throw ArgumentError("a text", key, Describe(value));
  return value.As<Napi::String>().Utf8Value();
}

inline int IntegerOf(const Napi::Object& object, const char* key, int minimum, int maximum,
                     ErrorCode code = ErrorCode::kArgument) {
  const Napi::Value value = object.Get(key);
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : 0.5;
  if (!(number >= minimum && number <= maximum) || number != static_cast<int>(number)) {
    throw ArgumentError("an integer from " + std::to_string(minimum) + " to " + std::to_string(maximum), key,
                        Describe(value), code);
  }
  return static_cast<int>(number);
}

// Memory of a JS value. `owner` has to stay referenced while a job uses it, and must not be transferred.
struct Bytes {
  uint8_t* data = nullptr;
  size_t size = 0;
  Napi::Object owner;
};

inline Bytes ArrayBufferOf(const Napi::Object& object, const char* key, size_t expected_bytes) {
  const Napi::Value value = object.Get(key);
  const std::string expected = "an ArrayBuffer of " + std::to_string(expected_bytes) + " bytes";
  if (!value.IsArrayBuffer()) throw ArgumentError(expected, key, Describe(value));
  auto buffer = value.As<Napi::ArrayBuffer>();
  if (buffer.ByteLength() != expected_bytes) {
    throw ArgumentError(expected, key, std::to_string(buffer.ByteLength()) + " bytes");
  }
  return {static_cast<uint8_t*>(buffer.Data()), buffer.ByteLength(), buffer};
}

// A Uint8Array (a Buffer is one), also over shared memory.
inline Bytes Uint8ArrayArgument(const Napi::Value& value, const std::string& name, size_t minimum_bytes = 0) {
  std::string expected = "a Uint8Array";
  if (minimum_bytes > 0) expected += " of at least " + std::to_string(minimum_bytes) + " bytes";
  napi_typedarray_type type = napi_int8_array;
  Bytes bytes;
  void* data = nullptr;
  // Napi::Uint8Array asks for an ArrayBuffer, and memory shared between threads is a SharedArrayBuffer.
  if (!value.IsTypedArray() ||
      napi_get_typedarray_info(value.Env(), value, &type, &bytes.size, &data, nullptr, nullptr) != napi_ok ||
      type != napi_uint8_array) {
    throw ArgumentError(expected, name, Describe(value));
  }
  if (bytes.size < minimum_bytes) {
    throw ArgumentError(expected, name, std::to_string(bytes.size) + " bytes");
  }
  bytes.data = static_cast<uint8_t*>(data);
  bytes.owner = value.As<Napi::Object>();
  return bytes;
}

}  // namespace rdk
