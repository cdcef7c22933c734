#include "fakednn/names.h"

#include "dnn_abi/dnn_abi.h"

namespace rdk::fakednn {
namespace {

struct Name {
  int32_t value;
  const char* text;
};

constexpr Name kTensorTypes[] = {
    {HB_DNN_IMG_TYPE_Y, "HB_DNN_IMG_TYPE_Y"},
    {HB_DNN_IMG_TYPE_NV12, "HB_DNN_IMG_TYPE_NV12"},
    {HB_DNN_IMG_TYPE_NV12_SEPARATE, "HB_DNN_IMG_TYPE_NV12_SEPARATE"},
    {HB_DNN_IMG_TYPE_YUV444, "HB_DNN_IMG_TYPE_YUV444"},
    {HB_DNN_IMG_TYPE_RGB, "HB_DNN_IMG_TYPE_RGB"},
    {HB_DNN_IMG_TYPE_BGR, "HB_DNN_IMG_TYPE_BGR"},
    {HB_DNN_TENSOR_TYPE_S4, "HB_DNN_TENSOR_TYPE_S4"},
    {HB_DNN_TENSOR_TYPE_U4, "HB_DNN_TENSOR_TYPE_U4"},
    {HB_DNN_TENSOR_TYPE_S8, "HB_DNN_TENSOR_TYPE_S8"},
    {HB_DNN_TENSOR_TYPE_U8, "HB_DNN_TENSOR_TYPE_U8"},
    {HB_DNN_TENSOR_TYPE_F16, "HB_DNN_TENSOR_TYPE_F16"},
    {HB_DNN_TENSOR_TYPE_S16, "HB_DNN_TENSOR_TYPE_S16"},
    {HB_DNN_TENSOR_TYPE_U16, "HB_DNN_TENSOR_TYPE_U16"},
    {HB_DNN_TENSOR_TYPE_F32, "HB_DNN_TENSOR_TYPE_F32"},
    {HB_DNN_TENSOR_TYPE_S32, "HB_DNN_TENSOR_TYPE_S32"},
    {HB_DNN_TENSOR_TYPE_U32, "HB_DNN_TENSOR_TYPE_U32"},
    {HB_DNN_TENSOR_TYPE_F64, "HB_DNN_TENSOR_TYPE_F64"},
    {HB_DNN_TENSOR_TYPE_S64, "HB_DNN_TENSOR_TYPE_S64"},
    {HB_DNN_TENSOR_TYPE_U64, "HB_DNN_TENSOR_TYPE_U64"},
};
constexpr Name kLayouts[] = {
    {HB_DNN_LAYOUT_NHWC, "HB_DNN_LAYOUT_NHWC"},
    {HB_DNN_LAYOUT_NCHW, "HB_DNN_LAYOUT_NCHW"},
    {HB_DNN_LAYOUT_NONE, "HB_DNN_LAYOUT_NONE"},
};
// The last is none of the vendor's.
constexpr Name kQuantiTypes[] = {{NONE, "NONE"}, {SHIFT, "SHIFT"}, {SCALE, "SCALE"}, {3, "UNKNOWN"}};
constexpr Name kInputSources[] = {
    {0, "HB_DNN_INPUT_FROM_DDR"}, {1, "HB_DNN_INPUT_FROM_RESIZER"}, {2, "HB_DNN_INPUT_FROM_PYRAMID"}};
constexpr Name kStatuses[] = {
    {HB_DNN_SUCCESS, "HB_DNN_SUCCESS"},
    {HB_DNN_INVALID_ARGUMENT, "HB_DNN_INVALID_ARGUMENT"},
    {HB_DNN_INVALID_MODEL, "HB_DNN_INVALID_MODEL"},
    {HB_DNN_MODEL_NUMBER_EXCEED_LIMIT, "HB_DNN_MODEL_NUMBER_EXCEED_LIMIT"},
    {HB_DNN_INVALID_PACKED_DNN_HANDLE, "HB_DNN_INVALID_PACKED_DNN_HANDLE"},
    {HB_DNN_INVALID_DNN_HANDLE, "HB_DNN_INVALID_DNN_HANDLE"},
    {HB_DNN_CAN_NOT_OPEN_FILE, "HB_DNN_CAN_NOT_OPEN_FILE"},
    {HB_DNN_OUT_OF_MEMORY, "HB_DNN_OUT_OF_MEMORY"},
    {HB_DNN_TIMEOUT, "HB_DNN_TIMEOUT"},
    {HB_DNN_TASK_NUM_EXCEED_LIMIT, "HB_DNN_TASK_NUM_EXCEED_LIMIT"},
    {HB_DNN_TASK_BATCH_SIZE_EXCEED_LIMIT, "HB_DNN_TASK_BATCH_SIZE_EXCEED_LIMIT"},
    {HB_DNN_INVALID_TASK_HANDLE, "HB_DNN_INVALID_TASK_HANDLE"},
    {HB_DNN_RUN_TASK_FAILED, "HB_DNN_RUN_TASK_FAILED"},
    {HB_DNN_MODEL_IS_RUNNING, "HB_DNN_MODEL_IS_RUNNING"},
    {HB_DNN_INCOMPATIBLE_MODEL, "HB_DNN_INCOMPATIBLE_MODEL"},
    {HB_DNN_API_USE_ERROR, "HB_DNN_API_USE_ERROR"},
    {HB_DNN_MULTI_PROGRESS_USE_ERROR, "HB_DNN_MULTI_PROGRESS_USE_ERROR"},
    {HB_SYS_INVALID_ARGUMENT, "HB_SYS_INVALID_ARGUMENT"},
    {HB_SYS_OUT_OF_MEMORY, "HB_SYS_OUT_OF_MEMORY"},
    {HB_SYS_REGISTER_MEM_FAILED, "HB_SYS_REGISTER_MEM_FAILED"},
};

template <size_t count>
std::optional<int32_t> Find(const Name (&names)[count], const std::string& text) {
  for (const Name& name : names) {
    if (text == name.text) return name.value;
  }
  return std::nullopt;
}

}  // namespace

std::optional<int32_t> TensorTypeNamed(const std::string& name) { return Find(kTensorTypes, name); }
std::optional<int32_t> LayoutNamed(const std::string& name) { return Find(kLayouts, name); }
std::optional<int32_t> QuantiTypeNamed(const std::string& name) { return Find(kQuantiTypes, name); }
std::optional<int32_t> InputSourceNamed(const std::string& name) { return Find(kInputSources, name); }

int64_t ElementBytes(int32_t tensor_type) {
  switch (tensor_type) {
    case HB_DNN_IMG_TYPE_Y:
    case HB_DNN_IMG_TYPE_YUV444:
    case HB_DNN_IMG_TYPE_RGB:
    case HB_DNN_IMG_TYPE_BGR:
    case HB_DNN_TENSOR_TYPE_S8:
    case HB_DNN_TENSOR_TYPE_U8:
      return 1;
    case HB_DNN_TENSOR_TYPE_F16:
    case HB_DNN_TENSOR_TYPE_S16:
    case HB_DNN_TENSOR_TYPE_U16:
      return 2;
    case HB_DNN_TENSOR_TYPE_F32:
    case HB_DNN_TENSOR_TYPE_S32:
    case HB_DNN_TENSOR_TYPE_U32:
      return 4;
    case HB_DNN_TENSOR_TYPE_F64:
    case HB_DNN_TENSOR_TYPE_S64:
    case HB_DNN_TENSOR_TYPE_U64:
      return 8;
    default:
      return 0;
  }
}

const char* StatusName(int32_t status) {
  for (const Name& name : kStatuses) {
    if (name.value == status) return name.text;
  }
  return "unknown status";
}

}  // namespace rdk::fakednn
