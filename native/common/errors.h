// Errors with a `code`, the only kind our addons throw on purpose.
#pragma once

#include <napi.h>

#include <string>

namespace rdk {

// The caller passed something unusable. C++ code that knows no JS throws it too; `Guarded` translates.
inline constexpr char kArgumentCode[] = "argument";
// A frame was used after its lease was closed.
inline constexpr char kClosedCode[] = "closed";
// The publisher wrote into the frame while it was read.
inline constexpr char kOverwrittenCode[] = "overwritten";
// Width, height, strides and byte count of an image contradict each other.
inline constexpr char kLayoutCode[] = "layout";

inline Napi::Error CodedError(Napi::Env env, const char* code, const std::string& message) {
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("code", Napi::String::New(env, code));
  return error;
}

// "Expected X for name but received Y": the one phrase for every rejected argument.
inline std::string ExpectedPhrase(const std::string& expected, const std::string& name,
                                  const std::string& received) {
  return "Expected " + expected + " for " + name + " but received " + received;
}

inline Napi::Error ArgumentError(Napi::Env env, const std::string& expected, const std::string& name,
                                 const std::string& received, const char* code = kArgumentCode) {
  Napi::Error error = CodedError(env, code, ExpectedPhrase(expected, name, received));
  Napi::Object details = Napi::Object::New(env);
  details.Set("name", name);
  details.Set("expected", expected);
  details.Set("received", received);
  error.Set("details", details);
  return error;
}

}  // namespace rdk
