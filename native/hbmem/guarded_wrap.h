// An object that JS holds and whose methods translate the errors of C++ code.
#pragma once

#include <napi.h>

#include "common/js_errors.h"

namespace rdk::hbmem {

// `InstanceMethod("close", &Publisher::Call<&Publisher::Close>)` exports a method.
template <typename Object>
class GuardedWrap : public Napi::ObjectWrap<Object> {
 public:
  template <Napi::Value (Object::*method)(const Napi::CallbackInfo&)>
  Napi::Value Call(const Napi::CallbackInfo& info) {
    return Guarded(info.Env(), [&] { return (static_cast<Object*>(this)->*method)(info); });
  }

 private:
  friend Object;
  explicit GuardedWrap(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Object>(info) {}
};

}  // namespace rdk::hbmem
