#include "hbmem/node_handle.h"

#include <rcl_handle.h>

#include <string>

#include "common/arguments.h"
#include "common/coded_error.h"
#include "hbmem/rcl_error.h"

namespace rdk::hbmem {

NodeHandle::NodeHandle(const Napi::Value& handle) {
  const Napi::Env env = handle.Env();
  const auto refuse = [&](const std::string& found) {
    return ArgumentError("a node handle of rclnodejs", "node", found, ErrorCode::kNodeHandle);
  };
  if (!handle.IsObject() || handle.IsExternal()) throw refuse(Describe(handle));
  const auto object = handle.As<Napi::Object>();
  const Napi::Value constructor = object.Get("constructor");
  const Napi::Value name =
      constructor.IsFunction() ? constructor.As<Napi::Object>().Get("name") : env.Undefined();
  if (!name.IsString() || name.As<Napi::String>().Utf8Value() != "RclHandle") {
    throw refuse("an object made by " + Describe(name));
  }
  if (napi_unwrap(env, object, &rcl_handle_) != napi_ok || rcl_handle_ == nullptr) {
    throw refuse("an RclHandle that wraps nothing");
  }
  if (node() == nullptr) throw CodedError(ErrorCode::kClosed, "The node was destroyed");
  if (!rcl_node_is_valid(node()))
    throw CodedError(ErrorCode::kNodeHandle, "The node is not valid: " + TakeRclMessage());
  reference_ = Napi::Persistent(object);
}

rcl_node_t* NodeHandle::node() const {
  return static_cast<rcl_node_t*>(static_cast<rclnodejs::RclHandle*>(rcl_handle_)->ptr());
}

}  // namespace rdk::hbmem
