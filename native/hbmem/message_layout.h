// Where the fields of an HbmMsg lie, found in the type's introspection support, so that one binary serves
// every size.
#pragma once

#include <rosidl_runtime_c/message_type_support_struct.h>
#include <rosidl_typesupport_introspection_c/message_introspection.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace rdk::hbmem {

// A field's place in the C struct, and in a serialised message after its 4 byte encapsulation header.
struct FieldOffset {
  size_t in_struct = 0;
  size_t in_cdr = 0;
};

// The header of a frame, read once; nothing here has been checked for meaning.
struct FrameHeader {
  int32_t index = 0;
  int32_t stamp_sec = 0;
  uint32_t stamp_nanosec = 0;
  uint32_t height_px = 0;
  uint32_t width_px = 0;
  uint32_t data_size_bytes = 0;
  uint32_t step_bytes = 0;
  static constexpr size_t kMaxEncodingBytes = 32;
  uint8_t encoding[kMaxEncodingBytes] = {};

  static constexpr int64_t kNsPerSecond = 1'000'000'000;
  int64_t StampNs() const { return stamp_sec * kNsPerSecond + stamp_nanosec; }
  void SetStampNs(int64_t stamp_ns);
};

enum class Form { kStruct, kCdr };

class MessageType {
 public:
  // Loads the type's C type supports by name; throws CodedError `type_support` or `type_mismatch`.
  MessageType(const std::string& package, const std::string& name);

  const std::string& full_name() const { return full_name_; }
  const rosidl_message_type_support_t* type_support() const { return type_support_; }
  const rosidl_typesupport_introspection_c__MessageMembers* members() const { return members_; }
  size_t encoding_bytes() const { return encoding_bytes_; }
  size_t capacity_bytes() const { return capacity_bytes_; }
  // Bytes of a serialised message with its encapsulation header.
  size_t serialized_bytes() const { return kEncapsulationBytes + cdr_bytes_; }

  FrameHeader ReadHeader(const uint8_t* message, Form form) const;
  void WriteHeader(uint8_t* message, const FrameHeader& header) const;
  const uint8_t* Pixels(const uint8_t* message, Form form) const { return message + At(data_, form); }
  uint8_t* MutablePixels(uint8_t* message) const { return message + data_.in_struct; }
  // First byte of the header fields and how many of them lie before the pixels.
  const uint8_t* HeaderStart(const uint8_t* message, Form form) const {
    return message + At(header_start_, form);
  }
  size_t HeaderBytes(Form form) const { return At(data_, form) - At(header_start_, form); }

  static constexpr size_t kEncapsulationBytes = 4;

 private:
  using Members = rosidl_typesupport_introspection_c__MessageMembers;
  using Member = rosidl_typesupport_introspection_c__MessageMember;

  static size_t At(const FieldOffset& offset, Form form) {
    return form == Form::kStruct ? offset.in_struct : kEncapsulationBytes + offset.in_cdr;
  }
  FieldOffset Require(const char* name, uint8_t type_id, size_t* array_size = nullptr);
  void Resolve();

  std::string full_name_;
  const rosidl_message_type_support_t* type_support_ = nullptr;
  const Members* members_ = nullptr;
  std::vector<size_t> cdr_offsets_;
  size_t cdr_bytes_ = 0;
  FieldOffset index_, stamp_sec_, stamp_nanosec_, height_, width_, data_size_, step_, encoding_, data_,
      header_start_;
  size_t encoding_bytes_ = 0;
  size_t capacity_bytes_ = 0;
};

}  // namespace rdk::hbmem
