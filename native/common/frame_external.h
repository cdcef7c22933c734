// How a Frame crosses into JS: a tagged external that owns a FrameHolder.
//
// The external outlives the lease (JS keeps the handle after close), so it must not point at the Frame
// itself, which is freed with its last reference. It points at a holder that the close empties. Any addon may
// close or read any other addon's frame. Holders are touched on the JS thread of their environment only.
#pragma once

#include <napi.h>

#include <memory>
#include <utility>

#include "common/coded_error.h"
#include "common/frame.h"

namespace rdk {

// Distinguishes our frames from any other external a caller may pass.
inline constexpr napi_type_tag kFrameTag = {0x7264'6b2d'6672'616dULL, 0x652d'7632'0000'0001ULL};

struct FrameHolder {
  Frame* frame = nullptr;  // The lease's one reference; null once closed.

  FrameHolder() = default;
  FrameHolder(const FrameHolder&) = delete;
  FrameHolder& operator=(const FrameHolder&) = delete;
  ~FrameHolder() { Close(); }

  // Drops the lease's reference. False, and nothing done, where it was dropped before.
  bool Close() {
    Frame* dropped = std::exchange(frame, nullptr);
    if (dropped != nullptr) dropped->Release();
    return dropped != nullptr;
  }
};

// One counted reference to a frame's pixels; movable, usable and droppable on any thread.
class FrameReference {
 public:
  FrameReference() = default;
  explicit FrameReference(Frame* frame) : frame_(frame) { frame_->Retain(); }
  FrameReference(FrameReference&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  FrameReference& operator=(FrameReference&& other) noexcept {
    std::swap(frame_, other.frame_);
    return *this;
  }
  FrameReference(const FrameReference&) = delete;
  FrameReference& operator=(const FrameReference&) = delete;
  ~FrameReference() { Reset(); }

  void Reset() {
    if (Frame* dropped = std::exchange(frame_, nullptr)) dropped->Release();
  }
  const Frame* operator->() const { return frame_; }
  const Frame& operator*() const { return *frame_; }
  explicit operator bool() const { return frame_ != nullptr; }

 private:
  Frame* frame_ = nullptr;
};

// A new handle that owns the frame's first reference (`references` is 1 and stays 1). Where it cannot be
// made, the frame is released. A handle that is never closed releases its frame when it is collected.
inline Napi::Value WrapFrame(Napi::Env env, Frame* frame) {
  auto holder = std::make_unique<FrameHolder>();
  holder->frame = frame;
  napi_value external;
  const auto finalize = [](napi_env, void* data, void*) { delete static_cast<FrameHolder*>(data); };
  if (napi_create_external(env, holder.get(), finalize, nullptr, &external) != napi_ok) {
    throw Napi::Error::New(env);
  }
  static_cast<void>(holder.release());
  if (napi_type_tag_object(env, external, &kFrameTag) != napi_ok) throw Napi::Error::New(env);
  return Napi::Value(env, external);
}

// The holder in a handle that may come from any of our addons; throws a coded error for anything else.
inline FrameHolder& FrameHolderOf(const Napi::Value& value, const char* name) {
  bool tagged = false;
  void* data = nullptr;
  if (!value.IsExternal() || napi_check_object_type_tag(value.Env(), value, &kFrameTag, &tagged) != napi_ok ||
      !tagged || napi_get_value_external(value.Env(), value, &data) != napi_ok) {
    throw ArgumentError("a native frame", name, value.IsExternal() ? "another external" : "no frame");
  }
  return *static_cast<FrameHolder*>(data);
}

// Takes one more reference for a read on another thread; throws `closed` after the lease was closed.
inline FrameReference ReferenceFrame(const Napi::Value& value, const char* name) {
  FrameHolder& holder = FrameHolderOf(value, name);
  if (holder.frame == nullptr) {
    throw CodedError(ErrorCode::kClosed, std::string("The frame given as ") + name + " is closed");
  }
  return FrameReference(holder.frame);
}

}  // namespace rdk
