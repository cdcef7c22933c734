// Translates the errors of C++ code that knows no JS.
#pragma once

#include <napi.h>

#include "common/errors.h"
#include "errors.h"

namespace rdk::hbmem {

inline Napi::Error ToJs(Napi::Env env, const HbmemError& error) {
  Napi::Error js = rdk::CodedError(env, error.code().c_str(), error.what());
  if (!error.call().empty()) {
    js.Set("call", Napi::String::New(env, error.call()));
    js.Set("status", Napi::Number::New(env, error.status()));
  }
  return js;
}

template <typename Body>
auto Guarded(Napi::Env env, Body&& body) {
  try {
    return body();
  } catch (const HbmemError& error) {
    throw ToJs(env, error);
  } catch (const Napi::Error&) {
    throw;
  } catch (const std::exception& error) {
    throw rdk::CodedError(env, "native", error.what());
  }
}

}  // namespace rdk::hbmem
