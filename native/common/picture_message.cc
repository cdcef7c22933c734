#include "common/picture_message.h"

#include "common/cdr_reader.h"

namespace rdk {
namespace {

// Of hbm_img_msgs, the same in every size.
constexpr size_t kHbmEncodingBytes = 12;

void ReadStamp(CdrReader& reader, const char* seconds, const char* nanoseconds, PictureMessage& message) {
  message.stamp_sec = reader.Int32(seconds);
  message.stamp_nanosec = reader.Uint32(nanoseconds);
}

// A camera has no use for more, and every message of a result would carry it.
constexpr size_t kMaxTextBytes = 4096;

std::string_view ReadText(CdrReader& reader, const char* type, const char* field) {
  const std::string_view text = reader.Text(field);
  if (text.size() <= kMaxTextBytes) return text;
  throw CodedError(ErrorCode::kSerializedForm, std::string(type) + ": " + field + " has " +
                                                   std::to_string(text.size()) + " bytes; expected at most " +
                                                   std::to_string(kMaxTextBytes));
}

void ReadHeader(CdrReader& reader, const char* type, PictureMessage& message) {
  ReadStamp(reader, "header.stamp.sec", "header.stamp.nanosec", message);
  message.frame_id = ReadText(reader, type, "header.frame_id");
}

void ReadData(CdrReader& reader, PictureMessage& message) {
  message.data = reader.Bytes("data");
  message.data_size_bytes = static_cast<uint32_t>(message.data.size());
}

}  // namespace

PictureMessage ReadImage(const uint8_t* message, size_t bytes) {
  constexpr const char* kType = "sensor_msgs/msg/Image";
  CdrReader reader(kType, message, bytes);
  PictureMessage image;
  ReadHeader(reader, kType, image);
  image.height_px = reader.Uint32("height");
  image.width_px = reader.Uint32("width");
  image.encoding = ReadText(reader, kType, "encoding");
  // Of values of several bytes, which no format that is read here has.
  static_cast<void>(reader.Byte("is_bigendian"));
  image.step_bytes = reader.Uint32("step");
  ReadData(reader, image);
  return image;
}

PictureMessage ReadCompressedImage(const uint8_t* message, size_t bytes) {
  constexpr const char* kType = "sensor_msgs/msg/CompressedImage";
  CdrReader reader(kType, message, bytes);
  PictureMessage image;
  ReadHeader(reader, kType, image);
  image.encoding = ReadText(reader, kType, "format");
  ReadData(reader, image);
  return image;
}

PictureMessage ReadHbmMessage(const char* type, size_t capacity_bytes, const uint8_t* message, size_t bytes) {
  CdrReader reader(type, message, bytes);
  PictureMessage image;
  image.index = reader.Int32("index");
  ReadStamp(reader, "time_stamp.sec", "time_stamp.nanosec", image);
  image.height_px = reader.Uint32("height");
  image.width_px = reader.Uint32("width");
  image.data_size_bytes = reader.Uint32("data_size");
  image.step_bytes = reader.Uint32("step");
  image.encoding = reader.Array("encoding", kHbmEncodingBytes);
  image.data = reader.Array("data", capacity_bytes);
  return image;
}

}  // namespace rdk
