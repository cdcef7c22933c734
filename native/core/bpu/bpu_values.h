// What is known of a session as JS values.
#pragma once

#include <napi.h>

#include "core/bpu/bpu_session.h"
#include "core/bpu/release_trial.h"

namespace rdk::bpu {

Napi::BigInt BigIntOf(Napi::Env env, const void* address);

Napi::Object DescribeSession(Napi::Env env, const BpuSession& session);
Napi::Object DescribeReport(Napi::Env env, const CloseReport& report);
Napi::Object DescribeTrial(Napi::Env env, const ReleaseTrial& trial);
// Counters, and for each slot its state and the addresses hbDNNInfer is given.
Napi::Object DescribeState(Napi::Env env, const BpuSession& session);

}  // namespace rdk::bpu
