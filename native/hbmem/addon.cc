// The hbmem addon: camera frames from the middleware's shared memory. Its typed and documented surface is
// src/native/hbmem.ts.
#include <napi.h>

#include <ctime>
#include <string>

#include "common/arguments.h"
#include "common/frame_external.h"
#include "common/js_errors.h"
#include "common/picture_view.h"
#include "hbmem/publisher.h"
#include "hbmem/requests.h"
#include "hbmem/subscription.h"

namespace rdk::hbmem {
namespace {

// The frame in a handle of ours; throws for frames of other addons.
TakenFrame& OpenFrame(const Napi::Value& value) {
  FrameHolder& holder = FrameHolderOf(value, "frame");
  if (holder.frame == nullptr) throw CodedError(ErrorCode::kClosed, "The frame is closed");
  if (!SubscriptionCore::Owns(*holder.frame)) {
    throw ArgumentError("a frame of an hbmem subscription", "frame", "a frame of another addon");
  }
  return *static_cast<TakenFrame*>(holder.frame);
}

Napi::Value CloseFrame(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), FrameHolderOf(info[0], "frame").Close());
}

Napi::Value ViewNv12(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  TakenFrame& frame = OpenFrame(info[0]);
  const Napi::Object view = ObjectArgument(info[1], "view");
  constexpr int kMaxEdgePx = 1 << 15;
  const int width_px = IntegerOf(view, "widthPx", 2, kMaxEdgePx, ErrorCode::kLayout);
  const int height_px = IntegerOf(view, "heightPx", 2, kMaxEdgePx, ErrorCode::kLayout);
  const int stride_bytes = IntegerOf(view, "strideBytes", width_px, kMaxEdgePx, ErrorCode::kLayout);
  if (width_px % 2 != 0 || height_px % 2 != 0) {
    throw ArgumentError("an even size", "view", std::to_string(width_px) + " x " + std::to_string(height_px),
                        ErrorCode::kLayout);
  }
  const size_t y_bytes = static_cast<size_t>(stride_bytes) * static_cast<size_t>(height_px);
  if (y_bytes + y_bytes / 2 > frame.capacity_bytes) {
    throw ArgumentError("at most " + std::to_string(frame.capacity_bytes) + " bytes", "view",
                        std::to_string(y_bytes + y_bytes / 2) + " bytes", ErrorCode::kLayout);
  }
  frame.format = PixelFormat::kNv12;
  frame.data = frame.pixels;
  frame.uv = frame.pixels + y_bytes;
  frame.width_px = static_cast<uint32_t>(width_px);
  frame.height_px = static_cast<uint32_t>(height_px);
  frame.stride_bytes = static_cast<uint32_t>(stride_bytes);
  frame.uv_stride_bytes = static_cast<uint32_t>(stride_bytes);
  return env.Undefined();
}

Napi::Value ViewOther(const Napi::CallbackInfo& info) {
  TakenFrame& frame = OpenFrame(info[0]);
  return ViewPicture(ObjectArgument(info[1], "view"), frame.pixels, frame.capacity_bytes, frame);
}

Napi::Value BorrowBytes(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  TakenFrame& frame = OpenFrame(info[0]);
  if (!info[1].IsFunction()) throw ArgumentError("a function", "use", Describe(info[1]));
  const FrameReference keep(&frame);
  // Read only by agreement: external memory cannot be write protected.
  auto memory = Napi::ArrayBuffer::New(env, const_cast<uint8_t*>(frame.pixels), frame.capacity_bytes);
  const auto bytes = Napi::Uint8Array::New(env, frame.capacity_bytes, memory, 0);
  // Detached whatever happens: a kept view must read nothing rather than memory that is gone.
  try {
    const Napi::Value result = info[1].As<Napi::Function>().Call({bytes});
    memory.Detach();
    return result;
  } catch (const Napi::Error&) {
    memory.Detach();
    throw;
  }
}

Napi::Value Unchanged(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), OpenFrame(info[0]).guard.Unchanged());
}

Napi::Value MonotonicMs(const Napi::CallbackInfo& info) {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return Napi::Number::New(info.Env(),
                           static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6);
}

Napi::Value RealtimeNsToJs(const Napi::CallbackInfo& info) {
  return Napi::BigInt::New(info.Env(), RealtimeNs());
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("rosDistro", RDK_ROS_DISTRO);
  exports.Set("rclnodejsVersion", RDK_RCLNODEJS_VERSION);
  exports.Set("rclHandleSha256", RDK_RCL_HANDLE_SHA256);
  exports.Set("Subscription", Subscription::Define(env));
  exports.Set("Publisher", Publisher::Define(env));
  ExportFunction(exports, "closeFrame", CloseFrame);
  ExportFunction(exports, "viewNv12", ViewNv12);
  ExportFunction(exports, "viewPicture", ViewOther);
  ExportFunction(exports, "borrowBytes", BorrowBytes);
  ExportFunction(exports, "unchanged", Unchanged);
  ExportFunction(exports, "monotonicMs", MonotonicMs);
  ExportFunction(exports, "realtimeNs", RealtimeNsToJs);
  exports.Set("errorCodes", ErrorCodesOf(env));
  return exports;
}

}  // namespace
}  // namespace rdk::hbmem

static Napi::Object InitHbmem(Napi::Env env, Napi::Object exports) { return rdk::hbmem::Init(env, exports); }
NODE_API_MODULE(hbmem, InitHbmem)
