// Reads a serialised message field by field; nothing behind its end is touched.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "common/coded_error.h"

namespace rdk {

// Plain CDR of either byte order, without fields of eight bytes, which the versions of CDR align differently.
// Every read throws CodedError `serialized_form` where the message ends too early.
class CdrReader {
 public:
  // `type` names the message in errors and has to outlive the reader.
  CdrReader(const char* type, const uint8_t* message, size_t bytes)
      : type_(type), message_(message), bytes_(bytes) {
    if (bytes < kEncapsulationBytes) Fail("its encapsulation", kEncapsulationBytes);
    const uint16_t form = static_cast<uint16_t>(message[0] << 8 | message[1]);
    // CDR and its second version, plain: the others mark or delimit their fields.
    if (form != 0x0000 && form != 0x0001 && form != 0x0006 && form != 0x0007) {
      throw CodedError(ErrorCode::kSerializedForm, std::string(type_) + ": encapsulation " +
                                                       std::to_string(form) +
                                                       "; expected plain CDR (0, 1, 6 or 7)");
    }
    is_little_endian_ = (form & 1) != 0;
    at_ = kEncapsulationBytes;
  }

  uint8_t Byte(const char* field) { return *Take(field, 1); }

  uint32_t Uint32(const char* field) {
    const size_t misaligned = (at_ - kEncapsulationBytes) % sizeof(uint32_t);
    if (misaligned != 0) Take(field, sizeof(uint32_t) - misaligned);
    const uint8_t* const at = Take(field, sizeof(uint32_t));
    uint32_t value;
    std::memcpy(&value, at, sizeof(value));
    return is_little_endian_ ? value : __builtin_bswap32(value);
  }

  int32_t Int32(const char* field) { return static_cast<int32_t>(Uint32(field)); }

  // Without its terminator, and up to the first one.
  std::string_view Text(const char* field) {
    const std::string_view bytes = Bytes(field);
    return bytes.substr(0, bytes.find('\0'));
  }

  std::string_view Bytes(const char* field) { return Array(field, Uint32(field)); }

  // Bytes of a number that the type fixes.
  std::string_view Array(const char* field, size_t count) {
    return {reinterpret_cast<const char*>(Take(field, count)), count};
  }

 private:
  static constexpr size_t kEncapsulationBytes = 4;

  const uint8_t* Take(const char* field, size_t count) {
    if (count > bytes_ - at_) Fail(field, at_ + count);
    const uint8_t* const at = message_ + at_;
    at_ += count;
    return at;
  }

  [[noreturn]] void Fail(const char* field, size_t needed) const {
    throw CodedError(ErrorCode::kSerializedForm, std::string(type_) + ": the message has " +
                                                     std::to_string(bytes_) + " bytes; up to the end of " +
                                                     field + " it needs " + std::to_string(needed));
  }

  const char* type_;
  const uint8_t* message_;
  size_t bytes_;
  size_t at_ = 0;
  bool is_little_endian_ = true;
};

}  // namespace rdk
