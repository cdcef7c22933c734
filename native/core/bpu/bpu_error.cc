#include "core/bpu/bpu_error.h"

namespace rdk::bpu {
namespace {

const char* StatusName(int32_t status) {
  switch (status) {
    case 0:
      return "SUCCESS";
    case -6000001:
      return "INVALID_ARGUMENT";
    case -6000002:
      return "INVALID_MODEL";
    case -6000003:
      return "MODEL_NUMBER_EXCEED_LIMIT";
    case -6000004:
      return "INVALID_PACKED_DNN_HANDLE";
    case -6000005:
      return "INVALID_DNN_HANDLE";
    case -6000006:
      return "CAN_NOT_OPEN_FILE";
    case -6000007:
      return "OUT_OF_MEMORY";
    case -6000008:
      return "TIMEOUT";
    case -6000009:
      return "TASK_NUM_EXCEED_LIMIT";
    case -6000010:
      return "TASK_BATCH_SIZE_EXCEED_LIMIT";
    case -6000011:
      return "INVALID_TASK_HANDLE";
    case -6000012:
      return "RUN_TASK_FAILED";
    case -6000013:
      return "MODEL_IS_RUNNING";
    case -6000014:
      return "INCOMPATIBLE_MODEL";
    case -6000015:
      return "API_USE_ERROR";
    case -6000016:
      return "MULTI_PROGRESS_USE_ERROR";
    case -6000129:
      return "SYS_INVALID_ARGUMENT";
    case -6000130:
      return "SYS_OUT_OF_MEMORY";
    case -6000131:
      return "SYS_REGISTER_MEM_FAILED";
    default:
      return "unknown status";
  }
}

}  // namespace

std::string DescribeStatus(const char* call, int32_t status) {
  return std::string(call) + ": " + StatusName(status) + " (" + std::to_string(status) + ")";
}

void CheckStatus(const char* code, const std::string& what, const char* call, int32_t status) {
  if (status != 0) throw BpuError(code, what + ": " + DescribeStatus(call, status), call, status);
}

}  // namespace rdk::bpu
