#include "core/messages.h"

#include <climits>
#include <string>

#include "common/arguments.h"
#include "common/picture_message.h"

namespace rdk {
namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;

Napi::Value Latin1Of(Napi::Env env, std::string_view text) {
  napi_value value = nullptr;
  if (napi_create_string_latin1(env, text.data(), text.size(), &value) != napi_ok)
    throw Napi::Error::New(env);
  return {env, value};
}

PictureMessage Read(const std::string& name, size_t capacity_bytes, const Bytes& bytes) {
  if (name == "sensor_msgs/msg/Image") return ReadImage(bytes.data, bytes.size);
  if (name == "sensor_msgs/msg/CompressedImage") return ReadCompressedImage(bytes.data, bytes.size);
  return ReadHbmMessage(name.c_str(), capacity_bytes, bytes.data, bytes.size);
}

}  // namespace

Napi::Value ReadPictureMessage(const Napi::Value& bytes_value, const Napi::Value& type_value) {
  const Napi::Env env = bytes_value.Env();
  const Bytes bytes = Uint8ArrayArgument(bytes_value, "bytes");
  const Napi::Object type = ObjectArgument(type_value, "type");
  const auto capacity_bytes = static_cast<size_t>(IntegerOf(type, "capacityBytes", 0, INT_MAX));
  const PictureMessage message = Read(TextOf(type, "name"), capacity_bytes, bytes);
  const int64_t stamp_ns = message.stamp_sec * kNsPerSecond + message.stamp_nanosec;
  const auto* const data = reinterpret_cast<const uint8_t*>(message.data.data());
  Napi::Object object = Napi::Object::New(env);
  object.Set("frameId", Napi::String::New(env, message.frame_id.data(), message.frame_id.size()));
  object.Set("stampNs", Napi::BigInt::New(env, stamp_ns));
  object.Set("heightPx", message.height_px);
  object.Set("widthPx", message.width_px);
  object.Set("stepBytes", message.step_bytes);
  object.Set("dataSizeBytes", message.data_size_bytes);
  object.Set("encodingLatin1", Latin1Of(env, message.encoding));
  object.Set("capacityBytes", static_cast<double>(message.data.size()));
  object.Set("dataOffsetBytes", static_cast<double>(data - bytes.data));
  return object;
}

}  // namespace rdk
