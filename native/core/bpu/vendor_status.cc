#include "core/bpu/vendor_status.h"

#include "dnn_abi/dnn_abi.h"

namespace rdk::bpu {
namespace {

const char* StatusName(int32_t status) {
#define RDK_STATUS(name) \
  case HB_DNN_##name:    \
    return #name;
  switch (status) {
    RDK_STATUS(SUCCESS)
    RDK_STATUS(INVALID_ARGUMENT)
    RDK_STATUS(INVALID_MODEL)
    RDK_STATUS(MODEL_NUMBER_EXCEED_LIMIT)
    RDK_STATUS(INVALID_PACKED_DNN_HANDLE)
    RDK_STATUS(INVALID_DNN_HANDLE)
    RDK_STATUS(CAN_NOT_OPEN_FILE)
    RDK_STATUS(OUT_OF_MEMORY)
    RDK_STATUS(TIMEOUT)
    RDK_STATUS(TASK_NUM_EXCEED_LIMIT)
    RDK_STATUS(TASK_BATCH_SIZE_EXCEED_LIMIT)
    RDK_STATUS(INVALID_TASK_HANDLE)
    RDK_STATUS(RUN_TASK_FAILED)
    RDK_STATUS(MODEL_IS_RUNNING)
    RDK_STATUS(INCOMPATIBLE_MODEL)
    RDK_STATUS(API_USE_ERROR)
    RDK_STATUS(MULTI_PROGRESS_USE_ERROR)
    case HB_SYS_INVALID_ARGUMENT:
      return "SYS_INVALID_ARGUMENT";
    case HB_SYS_OUT_OF_MEMORY:
      return "SYS_OUT_OF_MEMORY";
    case HB_SYS_REGISTER_MEM_FAILED:
      return "SYS_REGISTER_MEM_FAILED";
    default:
      return "unknown status";
  }
#undef RDK_STATUS
}

// What the name of a status does not say.
const char* ExplanationOf(int32_t status) {
  switch (status) {
    case HB_DNN_TASK_NUM_EXCEED_LIMIT:
      return "; the BPU holds as many tasks as it takes (32), perhaps of another process";
    case HB_DNN_MULTI_PROGRESS_USE_ERROR:
      return "; another process uses the BPU";
    default:
      return "";
  }
}

}  // namespace

std::string DescribeStatus(const char* call, int32_t status) {
  return std::string(call) + ": " + StatusName(status) + " (" + std::to_string(status) + ")" +
         ExplanationOf(status);
}

void CheckStatus(ErrorCode code, const std::string& what, const char* call, int32_t status) {
  if (status != 0) throw CallError(code, what + ": " + DescribeStatus(call, status), call, status);
}

}  // namespace rdk::bpu
