// The message types that a camera may send, and how a message of each becomes a frame.
#pragma once

#include <rosidl_runtime_c/message_type_support_struct.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "hbmem/message_layout.h"
#include "hbmem/taken_frame.h"

namespace rdk::hbmem {

class CameraMessage {
 public:
  // sensor_msgs/Image, sensor_msgs/CompressedImage or a type with the fields of an HbmMsg. Throws CodedError
  // `type_support` or `type_mismatch`.
  static std::unique_ptr<const CameraMessage> Load(const std::string& package, const std::string& name);
  CameraMessage(const CameraMessage&) = delete;
  CameraMessage& operator=(const CameraMessage&) = delete;
  virtual ~CameraMessage() = default;

  virtual const std::string& full_name() const = 0;
  virtual const rosidl_message_type_support_t* type_support() const = 0;
  // Whether all of it is in one piece, as a loan has to be.
  virtual bool has_fixed_size() const = 0;
  // Bytes of the data field; 0 where every message has its own.
  virtual size_t capacity_bytes() const = 0;
  // What a buffer is made for at first; the middleware makes it grow.
  virtual size_t usual_bytes() const = 0;
  // Fills header, pixels and guard of the frame whose memory is `message`; throws CodedError
  // `serialized_form`.
  virtual void Describe(const uint8_t* message, size_t bytes, Form form, TakenFrame& frame) const = 0;

 protected:
  CameraMessage() = default;
};

}  // namespace rdk::hbmem
