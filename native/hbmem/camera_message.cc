#include "hbmem/camera_message.h"

#include <cstring>

#include "common/coded_error.h"
#include "common/picture_message.h"
#include "hbmem/type_support.h"

namespace rdk::hbmem {
namespace {

class HbmMessage : public CameraMessage {
 public:
  HbmMessage(const std::string& package, const std::string& name) : type_(package, name) {}

  const std::string& full_name() const override { return type_.full_name(); }
  const rosidl_message_type_support_t* type_support() const override { return type_.type_support(); }
  bool has_fixed_size() const override { return true; }
  size_t capacity_bytes() const override { return type_.capacity_bytes(); }
  size_t usual_bytes() const override { return type_.serialized_bytes(); }

  void Describe(const uint8_t* message, size_t bytes, Form form, TakenFrame& frame) const override {
    if (form == Form::kCdr) CheckForm(message, bytes);
    frame.capacity_bytes = type_.capacity_bytes();
    frame.pixels = type_.Pixels(message, form);
    // Armed before the header is read: a header torn by an overwrite then fails the comparison too.
    const uint32_t claimed_bytes = type_.ReadHeader(message, form).data_size_bytes;
    const bool plausible = claimed_bytes > 0 && claimed_bytes <= frame.capacity_bytes;
    frame.guard.Arm(type_.HeaderStart(message, form), type_.HeaderBytes(form), frame.pixels,
                    plausible ? claimed_bytes : frame.capacity_bytes);
    frame.header = type_.ReadHeader(message, form);
    frame.encoding = {reinterpret_cast<const char*>(frame.header.encoding), type_.encoding_bytes()};
  }

 private:
  void CheckForm(const uint8_t* message, size_t bytes) const {
    constexpr uint8_t kLittleEndian = 1;
    if (bytes >= type_.serialized_bytes() && message[1] == kLittleEndian) return;
    throw CodedError(ErrorCode::kSerializedForm,
                     type_.full_name() + ": expected " + std::to_string(type_.serialized_bytes()) +
                         " bytes of little-endian CDR (encapsulation 1), found " + std::to_string(bytes) +
                         " bytes, encapsulation " + (bytes < 2 ? "none" : std::to_string(message[1])));
  }

  const MessageType type_;
};

// The messages of sensor_msgs have texts and bytes of any length, so no middleware loans them; they are read
// where the middleware wrote their serialised form.
class SensorMessage : public CameraMessage {
 public:
  using Reader = PictureMessage (*)(const uint8_t* message, size_t bytes);

  SensorMessage(const char* name, Reader read)
      : full_name_(std::string("sensor_msgs/msg/") + name),
        type_support_(LoadTypeSupport("rosidl_typesupport_c", "sensor_msgs", name)),
        read_(read) {}

  const std::string& full_name() const override { return full_name_; }
  const rosidl_message_type_support_t* type_support() const override { return type_support_; }
  bool has_fixed_size() const override { return false; }
  size_t capacity_bytes() const override { return 0; }
  size_t usual_bytes() const override { return 0; }

  void Describe(const uint8_t* message, size_t bytes, Form, TakenFrame& frame) const override {
    frame.header = {};
    const PictureMessage picture = read_(message, bytes);
    frame.header.stamp_sec = picture.stamp_sec;
    frame.header.stamp_nanosec = picture.stamp_nanosec;
    frame.header.height_px = picture.height_px;
    frame.header.width_px = picture.width_px;
    frame.header.data_size_bytes = picture.data_size_bytes;
    frame.header.step_bytes = picture.step_bytes;
    frame.frame_id = picture.frame_id;
    frame.encoding = picture.encoding;
    frame.pixels = reinterpret_cast<const uint8_t*>(picture.data.data());
    frame.capacity_bytes = picture.data.size();
    // A copy of ours: nobody writes into it.
    frame.guard = {};
  }

 private:
  const std::string full_name_;
  const rosidl_message_type_support_t* const type_support_;
  const Reader read_;
};

}  // namespace

std::unique_ptr<const CameraMessage> CameraMessage::Load(const std::string& package,
                                                         const std::string& name) {
  if (package == "sensor_msgs" && name == "Image") return std::make_unique<SensorMessage>("Image", ReadImage);
  if (package == "sensor_msgs" && name == "CompressedImage")
    return std::make_unique<SensorMessage>("CompressedImage", ReadCompressedImage);
  return std::make_unique<HbmMessage>(package, name);
}

}  // namespace rdk::hbmem
