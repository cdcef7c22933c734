// Serialised messages of cameras, as a subscription takes them and as recordings hold them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace rdk {

// What a message says, not checked for meaning. The texts and `data` are views of it; `frame_id` is empty
// where the type has none.
struct PictureMessage {
  int32_t index = 0;
  int32_t stamp_sec = 0;
  uint32_t stamp_nanosec = 0;
  std::string_view frame_id;
  uint32_t height_px = 0;
  uint32_t width_px = 0;
  uint32_t step_bytes = 0;
  uint32_t data_size_bytes = 0;
  std::string_view encoding;
  std::string_view data;
};

// Each throws CodedError `serialized_form` where the message is none of its type.
PictureMessage ReadImage(const uint8_t* message, size_t bytes);
PictureMessage ReadCompressedImage(const uint8_t* message, size_t bytes);
// An HbmMsg whose data field has `capacity_bytes`, with the fields in the order of hbm_img_msgs. `type` names
// it in errors.
PictureMessage ReadHbmMessage(const char* type, size_t capacity_bytes, const uint8_t* message, size_t bytes);

}  // namespace rdk
