#include "hbmem/message_layout.h"

#include <rosidl_typesupport_introspection_c/field_types.h>

#include <cstring>

#include "common/coded_error.h"
#include "hbmem/type_support.h"

namespace rdk::hbmem {
namespace {

using Members = rosidl_typesupport_introspection_c__MessageMembers;
using Member = rosidl_typesupport_introspection_c__MessageMember;

constexpr uint8_t kInt32 = rosidl_typesupport_introspection_c__ROS_TYPE_INT32;
constexpr uint8_t kUint32 = rosidl_typesupport_introspection_c__ROS_TYPE_UINT32;
constexpr uint8_t kUint8 = rosidl_typesupport_introspection_c__ROS_TYPE_UINT8;
constexpr uint8_t kMessage = rosidl_typesupport_introspection_c__ROS_TYPE_MESSAGE;

std::string TypeName(uint8_t type_id) {
  switch (type_id) {
    case kInt32:
      return "int32";
    case kUint32:
      return "uint32";
    case kUint8:
      return "uint8";
    case kMessage:
      return "message";
    default:
      return "type " + std::to_string(type_id);
  }
}

size_t PrimitiveBytes(uint8_t type_id) {
  switch (type_id) {
    case rosidl_typesupport_introspection_c__ROS_TYPE_CHAR:
    case rosidl_typesupport_introspection_c__ROS_TYPE_BOOLEAN:
    case rosidl_typesupport_introspection_c__ROS_TYPE_OCTET:
    case rosidl_typesupport_introspection_c__ROS_TYPE_UINT8:
    case rosidl_typesupport_introspection_c__ROS_TYPE_INT8:
      return 1;
    case rosidl_typesupport_introspection_c__ROS_TYPE_UINT16:
    case rosidl_typesupport_introspection_c__ROS_TYPE_INT16:
      return 2;
    case rosidl_typesupport_introspection_c__ROS_TYPE_FLOAT:
    case rosidl_typesupport_introspection_c__ROS_TYPE_UINT32:
    case rosidl_typesupport_introspection_c__ROS_TYPE_INT32:
      return 4;
    case rosidl_typesupport_introspection_c__ROS_TYPE_DOUBLE:
    case rosidl_typesupport_introspection_c__ROS_TYPE_UINT64:
    case rosidl_typesupport_introspection_c__ROS_TYPE_INT64:
      return 8;
    default:
      return 0;
  }
}

const Members* MembersOf(const Member& member) { return static_cast<const Members*>(member.members_->data); }

// Advances `offset` over a serialised message; the place of each top-level field goes to `offsets`.
size_t WalkCdr(const Members& message, size_t offset, std::vector<size_t>* offsets) {
  for (uint32_t i = 0; i < message.member_count_; ++i) {
    const Member& member = message.members_[i];
    const bool fixed = !member.is_array_ || (member.array_size_ > 0 && !member.is_upper_bound_);
    const size_t count = member.is_array_ ? member.array_size_ : 1;
    const size_t bytes = PrimitiveBytes(member.type_id_);
    if (!fixed || (bytes == 0 && member.type_id_ != kMessage)) {
      throw CodedError(ErrorCode::kTypeMismatch,
                       std::string(message.message_namespace_) + "__" + message.message_name_ + ": field " +
                           member.name_ +
                           " has no fixed size; expected a fixed-size message, which can be loaned");
    }
    if (bytes > 0) {
      offset = (offset + bytes - 1) / bytes * bytes;
      if (offsets != nullptr) offsets->push_back(offset);
      offset += bytes * count;
    } else {
      // A nested message has no alignment of its own, but its first field has; that is the field's place.
      std::vector<size_t> nested;
      for (size_t element = 0; element < count; ++element)
        offset = WalkCdr(*MembersOf(member), offset, &nested);
      if (offsets != nullptr) offsets->push_back(nested.empty() ? offset : nested.front());
    }
  }
  return offset;
}

template <typename T>
T ReadAs(const uint8_t* at) {
  T value;
  std::memcpy(&value, at, sizeof(value));
  return value;
}

template <typename T>
void WriteAs(uint8_t* at, T value) {
  std::memcpy(at, &value, sizeof(value));
}

}  // namespace

void FrameHeader::SetStampNs(int64_t stamp_ns) {
  int64_t seconds = stamp_ns / kNsPerSecond;
  int64_t rest_ns = stamp_ns % kNsPerSecond;
  if (rest_ns < 0) {
    rest_ns += kNsPerSecond;
    --seconds;
  }
  stamp_sec = static_cast<int32_t>(seconds);
  stamp_nanosec = static_cast<uint32_t>(rest_ns);
}

MessageType::MessageType(const std::string& package, const std::string& name)
    : full_name_(package + "/msg/" + name) {
  members_ =
      static_cast<const Members*>(LoadTypeSupport("rosidl_typesupport_introspection_c", package, name)->data);
  type_support_ = LoadTypeSupport("rosidl_typesupport_c", package, name);
  cdr_bytes_ = WalkCdr(*members_, 0, &cdr_offsets_);
  Resolve();
}

FieldOffset MessageType::Require(const char* name, uint8_t type_id, size_t* array_size) {
  const std::string expected =
      std::string(name) + ": expected " + TypeName(type_id) + (array_size ? "[N]" : "");
  for (uint32_t i = 0; i < members_->member_count_; ++i) {
    const Member& member = members_->members_[i];
    if (std::strcmp(member.name_, name) != 0) continue;
    if (member.type_id_ != type_id || member.is_array_ != (array_size != nullptr)) {
      throw CodedError(ErrorCode::kTypeMismatch, full_name_ + " is not an HbmMsg: field " + expected +
                                                     ", found " + TypeName(member.type_id_) +
                                                     (member.is_array_ ? "[]" : ""));
    }
    if (array_size != nullptr) *array_size = member.array_size_;
    return {member.offset_, cdr_offsets_[i]};
  }
  throw CodedError(ErrorCode::kTypeMismatch,
                   full_name_ + " is not an HbmMsg: field " + expected + ", found no such field");
}

void MessageType::Resolve() {
  index_ = Require("index", kInt32);
  const FieldOffset stamp = Require("time_stamp", kMessage);
  height_ = Require("height", kUint32);
  width_ = Require("width", kUint32);
  data_size_ = Require("data_size", kUint32);
  step_ = Require("step", kUint32);
  encoding_ = Require("encoding", kUint8, &encoding_bytes_);
  data_ = Require("data", kUint8, &capacity_bytes_);
  if (encoding_bytes_ > FrameHeader::kMaxEncodingBytes) {
    throw CodedError(ErrorCode::kTypeMismatch,
                     full_name_ + ": encoding has " + std::to_string(encoding_bytes_) +
                         " bytes; expected at most " + std::to_string(FrameHeader::kMaxEncodingBytes));
  }
  for (uint32_t i = 0; i < members_->member_count_; ++i) {
    const Member& member = members_->members_[i];
    if (std::strcmp(member.name_, "time_stamp") != 0) continue;
    const Members& time = *MembersOf(member);
    const bool is_time = time.member_count_ == 2 && std::strcmp(time.members_[0].name_, "sec") == 0 &&
                         time.members_[0].type_id_ == kInt32 &&
                         std::strcmp(time.members_[1].name_, "nanosec") == 0 &&
                         time.members_[1].type_id_ == kUint32;
    if (!is_time) {
      throw CodedError(ErrorCode::kTypeMismatch,
                       full_name_ + ": field time_stamp: expected builtin_interfaces/Time, found " +
                           time.message_namespace_ + "__" + time.message_name_);
    }
    stamp_sec_ = {stamp.in_struct + time.members_[0].offset_, stamp.in_cdr};
    stamp_nanosec_ = {stamp.in_struct + time.members_[1].offset_, stamp.in_cdr + sizeof(int32_t)};
  }
  header_start_ = index_;
  if (index_.in_struct > data_.in_struct) {
    throw CodedError(ErrorCode::kTypeMismatch, full_name_ + ": expected the field index before data");
  }
}

FrameHeader MessageType::ReadHeader(const uint8_t* message, Form form) const {
  FrameHeader header;
  header.index = ReadAs<int32_t>(message + At(index_, form));
  header.stamp_sec = ReadAs<int32_t>(message + At(stamp_sec_, form));
  header.stamp_nanosec = ReadAs<uint32_t>(message + At(stamp_nanosec_, form));
  header.height_px = ReadAs<uint32_t>(message + At(height_, form));
  header.width_px = ReadAs<uint32_t>(message + At(width_, form));
  header.data_size_bytes = ReadAs<uint32_t>(message + At(data_size_, form));
  header.step_bytes = ReadAs<uint32_t>(message + At(step_, form));
  std::memcpy(header.encoding, message + At(encoding_, form), encoding_bytes_);
  return header;
}

void MessageType::WriteHeader(uint8_t* message, const FrameHeader& header) const {
  WriteAs(message + index_.in_struct, header.index);
  WriteAs(message + stamp_sec_.in_struct, header.stamp_sec);
  WriteAs(message + stamp_nanosec_.in_struct, header.stamp_nanosec);
  WriteAs(message + height_.in_struct, header.height_px);
  WriteAs(message + width_.in_struct, header.width_px);
  WriteAs(message + data_size_.in_struct, header.data_size_bytes);
  WriteAs(message + step_.in_struct, header.step_bytes);
  std::memcpy(message + encoding_.in_struct, header.encoding, encoding_bytes_);
}

}  // namespace rdk::hbmem
