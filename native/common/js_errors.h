// Errors of C++ code as JS errors: `code`, and `details` with the numbers where there are any.
#pragma once

#include <napi.h>

#include <string>
#include <utility>

#include "common/coded_error.h"

namespace rdk {

inline Napi::Error JsErrorOf(Napi::Env env, const CodedError& error) {
  Napi::Error js = Napi::Error::New(env, error.what());
  js.Set("code", Napi::String::New(env, TextOf(error.code())));
  if (error.details().empty()) return js;
  Napi::Object details = Napi::Object::New(env);
  for (const auto& [name, value] : error.details()) {
    std::visit([&details, key = name](const auto& one) { details.Set(key, one); }, value);
  }
  js.Set("details", details);
  return js;
}

// Runs `body`, whose C++ exceptions become JS errors. Every function that JS can call is run by it.
template <typename Body>
auto Guarded(Napi::Env env, Body&& body) -> decltype(body()) {
  try {
    return body();
  } catch (const CodedError& error) {
    throw JsErrorOf(env, error);
  } catch (const Napi::Error&) {
    throw;
  } catch (const std::exception& error) {
    throw JsErrorOf(env, CodedError(ErrorCode::kNative, error.what()));
  }
}

// A guarded function under its name; `call` takes the Napi::CallbackInfo.
template <typename Call>
void ExportFunction(Napi::Object exports, const char* name, Call&& call) {
  const auto guarded = [call = std::forward<Call>(call)](const Napi::CallbackInfo& info) -> Napi::Value {
    return Guarded(info.Env(), [&] { return call(info); });
  };
  exports.Set(name, Napi::Function::New(exports.Env(), guarded, name));
}

// Every code an error of an addon can have, for the test that compares them with the table in TypeScript.
inline Napi::Array ErrorCodesOf(Napi::Env env) {
  Napi::Array codes = Napi::Array::New(env, kErrorCodeTexts.size());
  for (uint32_t index = 0; index < kErrorCodeTexts.size(); ++index) {
    codes.Set(index, kErrorCodeTexts[index]);
  }
  return codes;
}

}  // namespace rdk
