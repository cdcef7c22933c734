// What is known of a session as JS values, and errors of the BPU code as JS errors.
#pragma once

#include <napi.h>

#include "common/errors.h"
#include "core/bpu/bpu_error.h"
#include "core/bpu/bpu_session.h"

namespace rdk::bpu {

// `details` holds the vendor's call and status.
Napi::Error ErrorOf(Napi::Env env, const char* code, const std::string& message, const char* call,
                    int32_t status);

Napi::BigInt BigIntOf(Napi::Env env, const void* address);

Napi::Object DescribeSession(Napi::Env env, const BpuSession& session);
Napi::Object DescribeReport(Napi::Env env, const CloseReport& report);
// Counters, and for each slot its state and the addresses hbDNNInfer is given.
Napi::Object DescribeState(Napi::Env env, const BpuSession& session);

// Runs `body`, whose C++ exceptions become JS errors.
template <typename Body>
auto Guarded(Napi::Env env, Body&& body) {
  try {
    return body();
  } catch (const BpuError& error) {
    throw ErrorOf(env, error.code(), error.what(), error.call(), error.status());
  } catch (const Napi::Error&) {
    throw;
  } catch (const std::exception& error) {
    throw CodedError(env, "native", error.what());
  }
}

}  // namespace rdk::bpu
