#include "hbmem/camera_message.h"

#include <cstring>

#include "common/coded_error.h"
#include "hbmem/cdr_reader.h"
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
  explicit SensorMessage(const char* name)
      : full_name_(std::string("sensor_msgs/msg/") + name),
        type_support_(LoadTypeSupport("rosidl_typesupport_c", "sensor_msgs", name)) {}

  const std::string& full_name() const override { return full_name_; }
  const rosidl_message_type_support_t* type_support() const override { return type_support_; }
  bool has_fixed_size() const override { return false; }
  size_t capacity_bytes() const override { return 0; }
  size_t usual_bytes() const override { return 0; }

  void Describe(const uint8_t* message, size_t bytes, Form, TakenFrame& frame) const override {
    CdrReader reader(full_name_.c_str(), message, bytes);
    frame.header = {};
    frame.header.stamp_sec = reader.Int32("header.stamp.sec");
    frame.header.stamp_nanosec = reader.Uint32("header.stamp.nanosec");
    frame.frame_id = reader.Text("header.frame_id");
    ReadRest(reader, frame);
    const std::string_view data = reader.Bytes("data");
    frame.header.data_size_bytes = static_cast<uint32_t>(data.size());
    frame.pixels = reinterpret_cast<const uint8_t*>(data.data());
    frame.capacity_bytes = data.size();
    // A copy of ours: nobody writes into it.
    frame.guard = {};
  }

 private:
  virtual void ReadRest(CdrReader& reader, TakenFrame& frame) const = 0;

  const std::string full_name_;
  const rosidl_message_type_support_t* const type_support_;
};

class ImageMessage : public SensorMessage {
 public:
  ImageMessage() : SensorMessage("Image") {}

 private:
  void ReadRest(CdrReader& reader, TakenFrame& frame) const override {
    frame.header.height_px = reader.Uint32("height");
    frame.header.width_px = reader.Uint32("width");
    frame.encoding = reader.Text("encoding");
    // Of values of several bytes, which no format that is read here has.
    static_cast<void>(reader.Byte("is_bigendian"));
    frame.header.step_bytes = reader.Uint32("step");
  }
};

class CompressedImageMessage : public SensorMessage {
 public:
  CompressedImageMessage() : SensorMessage("CompressedImage") {}

 private:
  void ReadRest(CdrReader& reader, TakenFrame& frame) const override {
    frame.encoding = reader.Text("format");
  }
};

}  // namespace

std::unique_ptr<const CameraMessage> CameraMessage::Load(const std::string& package,
                                                         const std::string& name) {
  if (package == "sensor_msgs" && name == "Image") return std::make_unique<ImageMessage>();
  if (package == "sensor_msgs" && name == "CompressedImage")
    return std::make_unique<CompressedImageMessage>();
  return std::make_unique<HbmMessage>(package, name);
}

}  // namespace rdk::hbmem
