// Serialised messages of cameras that come as bytes, from a recording say.
#pragma once

#include <napi.h>

namespace rdk {

// `bytes`: the serialised message. `type`: its `name` as ROS has it, and `capacityBytes` of the data field of
// an HbmMsg, 0 for the others. Throws CodedError `serialized_form`.
Napi::Value ReadPictureMessage(const Napi::Value& bytes, const Napi::Value& type);

}  // namespace rdk
