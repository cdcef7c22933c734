// What the vendor's calls answer: 0, or a status that has a name.
#pragma once

#include <cstdint>
#include <string>

#include "common/coded_error.h"

namespace rdk::bpu {

// `hbDNNInfer: RUN_TASK_FAILED (-6000012)`, with what it means where the name does not say it.
std::string DescribeStatus(const char* call, int32_t status);

// Throws `<what>: <call>: <NAME> (<status>)` unless the status is 0.
void CheckStatus(ErrorCode code, const std::string& what, const char* call, int32_t status);

}  // namespace rdk::bpu
