// The C ABI of the RDK X5's libdnn.so (hbDNN), as far as it is used: names, values and layouts of the vendor.
//
// Declared here because the vendor's headers are on the board only. Every size and offset is asserted, and of
// each enum the ends: they are those of libdnn 1.22 to 1.24 on LP64. The S100's library has functions of the
// same names with other structs.
#pragma once

#include <cstddef>
#include <cstdint>

extern "C" {

using hbPackedDNNHandle_t = void*;
using hbDNNHandle_t = void*;
using hbDNNTaskHandle_t = void*;

enum hbDNNTensorLayout : int32_t {
  HB_DNN_LAYOUT_NHWC = 0,
  HB_DNN_LAYOUT_NCHW = 2,
  HB_DNN_LAYOUT_NONE = 255,
};

enum hbDNNDataType : int32_t {
  HB_DNN_IMG_TYPE_Y = 0,
  HB_DNN_IMG_TYPE_NV12 = 1,
  HB_DNN_IMG_TYPE_NV12_SEPARATE = 2,
  HB_DNN_IMG_TYPE_YUV444 = 3,
  HB_DNN_IMG_TYPE_RGB = 4,
  HB_DNN_IMG_TYPE_BGR = 5,
  HB_DNN_TENSOR_TYPE_S4 = 6,
  HB_DNN_TENSOR_TYPE_U4 = 7,
  HB_DNN_TENSOR_TYPE_S8 = 8,
  HB_DNN_TENSOR_TYPE_U8 = 9,
  HB_DNN_TENSOR_TYPE_F16 = 10,
  HB_DNN_TENSOR_TYPE_S16 = 11,
  HB_DNN_TENSOR_TYPE_U16 = 12,
  HB_DNN_TENSOR_TYPE_F32 = 13,
  HB_DNN_TENSOR_TYPE_S32 = 14,
  HB_DNN_TENSOR_TYPE_U32 = 15,
  HB_DNN_TENSOR_TYPE_F64 = 16,
  HB_DNN_TENSOR_TYPE_S64 = 17,
  HB_DNN_TENSOR_TYPE_U64 = 18,
  HB_DNN_TENSOR_TYPE_MAX = 19,
};

enum hbDNNQuantiType : int32_t { NONE = 0, SHIFT = 1, SCALE = 2 };

enum hbDNNStatus : int32_t {
  HB_DNN_SUCCESS = 0,
  HB_DNN_INVALID_ARGUMENT = -6000001,
  HB_DNN_INVALID_MODEL = -6000002,
  HB_DNN_MODEL_NUMBER_EXCEED_LIMIT = -6000003,
  HB_DNN_INVALID_PACKED_DNN_HANDLE = -6000004,
  HB_DNN_INVALID_DNN_HANDLE = -6000005,
  HB_DNN_CAN_NOT_OPEN_FILE = -6000006,
  HB_DNN_OUT_OF_MEMORY = -6000007,
  HB_DNN_TIMEOUT = -6000008,
  HB_DNN_TASK_NUM_EXCEED_LIMIT = -6000009,
  HB_DNN_TASK_BATCH_SIZE_EXCEED_LIMIT = -6000010,
  HB_DNN_INVALID_TASK_HANDLE = -6000011,
  HB_DNN_RUN_TASK_FAILED = -6000012,
  HB_DNN_MODEL_IS_RUNNING = -6000013,
  HB_DNN_INCOMPATIBLE_MODEL = -6000014,
  HB_DNN_API_USE_ERROR = -6000015,
  HB_DNN_MULTI_PROGRESS_USE_ERROR = -6000016,
};

enum hbSysStatus : int32_t {
  HB_SYS_SUCCESS = 0,
  HB_SYS_INVALID_ARGUMENT = -6000129,
  HB_SYS_OUT_OF_MEMORY = -6000130,
  HB_SYS_REGISTER_MEM_FAILED = -6000131,
};

enum hbSysMemFlushFlag : int32_t { HB_SYS_MEM_CACHE_INVALIDATE = 1, HB_SYS_MEM_CACHE_CLEAN = 2 };

struct hbSysMem {
  uint64_t phyAddr;
  void* virAddr;
  uint32_t memSize;
};

struct hbDNNTensorShape {
  int32_t dimensionSize[8];
  int32_t numDimensions;
};

struct hbDNNQuantiShift {
  int32_t shiftLen;
  uint8_t* shiftData;
};

struct hbDNNQuantiScale {
  int32_t scaleLen;
  float* scaleData;
  int32_t zeroPointLen;
  int8_t* zeroPointData;
};

struct hbDNNTensorProperties {
  hbDNNTensorShape validShape;
  hbDNNTensorShape alignedShape;
  int32_t tensorLayout;
  int32_t tensorType;
  hbDNNQuantiShift shift;
  hbDNNQuantiScale scale;
  hbDNNQuantiType quantiType;
  int32_t quantizeAxis;
  int32_t alignedByteSize;
  int32_t stride[8];
};

struct hbDNNTensor {
  hbSysMem sysMem[4];
  hbDNNTensorProperties properties;
};

struct hbDNNRoi {
  int32_t left;
  int32_t top;
  int32_t right;
  int32_t bottom;
};

struct hbDNNInferCtrlParam {
  int32_t bpuCoreId;
  int32_t dspCoreId;
  int32_t priority;
  int32_t more;
  int64_t customId;
  int32_t reserved1;
  int32_t reserved2;
};

const char* hbDNNGetVersion();
int32_t hbDNNInitializeFromFiles(hbPackedDNNHandle_t* packed, const char** files, int32_t count);
int32_t hbDNNInitializeFromDDR(hbPackedDNNHandle_t* packed, const void** data, int32_t* lengths,
                               int32_t count);
int32_t hbDNNRelease(hbPackedDNNHandle_t packed);
int32_t hbDNNGetModelNameList(const char*** names, int32_t* count, hbPackedDNNHandle_t packed);
int32_t hbDNNGetModelHandle(hbDNNHandle_t* model, hbPackedDNNHandle_t packed, const char* name);
int32_t hbDNNGetInputCount(int32_t* count, hbDNNHandle_t model);
int32_t hbDNNGetInputName(const char** name, hbDNNHandle_t model, int32_t index);
int32_t hbDNNGetInputTensorProperties(hbDNNTensorProperties* properties, hbDNNHandle_t model, int32_t index);
int32_t hbDNNGetOutputCount(int32_t* count, hbDNNHandle_t model);
int32_t hbDNNGetOutputName(const char** name, hbDNNHandle_t model, int32_t index);
int32_t hbDNNGetOutputTensorProperties(hbDNNTensorProperties* properties, hbDNNHandle_t model, int32_t index);
int32_t hbDNNInfer(hbDNNTaskHandle_t* task, hbDNNTensor** outputs, const hbDNNTensor* input,
                   hbDNNHandle_t model, hbDNNInferCtrlParam* control);
int32_t hbDNNRoiInfer(hbDNNTaskHandle_t* task, hbDNNTensor** outputs, const hbDNNTensor* input,
                      hbDNNRoi* rois, int32_t roi_count, hbDNNHandle_t model, hbDNNInferCtrlParam* control);
int32_t hbDNNSetTaskDoneCb(hbDNNTaskHandle_t task, void (*callback)(hbDNNTaskHandle_t, int32_t, void*),
                           void* user);
int32_t hbDNNWaitTaskDone(hbDNNTaskHandle_t task, int32_t timeout_ms);
int32_t hbDNNReleaseTask(hbDNNTaskHandle_t task);
const char* hbDNNGetErrorDesc(int32_t status);
int32_t hbDNNGetInputSource(int32_t* source, hbDNNHandle_t model, int32_t index);
int32_t hbDNNGetInputDesc(const char** text, uint32_t* size, int32_t* type, hbDNNHandle_t model,
                          int32_t index);
int32_t hbDNNGetOutputDesc(const char** text, uint32_t* size, int32_t* type, hbDNNHandle_t model,
                           int32_t index);
int32_t hbDNNGetModelDesc(const char** text, uint32_t* size, int32_t* type, hbDNNHandle_t model);
int32_t hbDNNGetModelTag(const char** tag, hbDNNHandle_t model);
int32_t hbDNNGetEstimateLatency(int32_t* latency, hbDNNHandle_t model);
int32_t hbSysAllocMem(hbSysMem* memory, uint32_t size);
int32_t hbSysAllocCachedMem(hbSysMem* memory, uint32_t size);
int32_t hbSysFlushMem(hbSysMem* memory, int32_t flag);
int32_t hbSysFreeMem(hbSysMem* memory);
int32_t hbSysWriteMem(hbSysMem* destination, char* source, uint32_t size);
int32_t hbSysReadMem(char* destination, hbSysMem* source, uint32_t size);
int32_t hbSysRegisterMem(hbSysMem* memory);
int32_t hbSysUnregisterMem(hbSysMem* memory);

}  // extern "C"

#define RDK_AT(type, member, offset) static_assert(offsetof(type, member) == (offset), #type "." #member)
#define RDK_SIZE(type, bytes) static_assert(sizeof(type) == (bytes), #type)
#define RDK_VALUE(name, value) static_assert(static_cast<int32_t>(name) == (value), #name)

RDK_SIZE(hbSysMem, 24);
RDK_AT(hbSysMem, phyAddr, 0);
RDK_AT(hbSysMem, virAddr, 8);
RDK_AT(hbSysMem, memSize, 16);
RDK_SIZE(hbDNNTensorShape, 36);
RDK_AT(hbDNNTensorShape, dimensionSize, 0);
RDK_AT(hbDNNTensorShape, numDimensions, 32);
RDK_SIZE(hbDNNQuantiShift, 16);
RDK_AT(hbDNNQuantiShift, shiftLen, 0);
RDK_AT(hbDNNQuantiShift, shiftData, 8);
RDK_SIZE(hbDNNQuantiScale, 32);
RDK_AT(hbDNNQuantiScale, scaleLen, 0);
RDK_AT(hbDNNQuantiScale, scaleData, 8);
RDK_AT(hbDNNQuantiScale, zeroPointLen, 16);
RDK_AT(hbDNNQuantiScale, zeroPointData, 24);
RDK_SIZE(hbDNNTensorProperties, 176);
RDK_AT(hbDNNTensorProperties, validShape, 0);
RDK_AT(hbDNNTensorProperties, alignedShape, 36);
RDK_AT(hbDNNTensorProperties, tensorLayout, 72);
RDK_AT(hbDNNTensorProperties, tensorType, 76);
RDK_AT(hbDNNTensorProperties, shift, 80);
RDK_AT(hbDNNTensorProperties, scale, 96);
RDK_AT(hbDNNTensorProperties, quantiType, 128);
RDK_AT(hbDNNTensorProperties, quantizeAxis, 132);
RDK_AT(hbDNNTensorProperties, alignedByteSize, 136);
RDK_AT(hbDNNTensorProperties, stride, 140);
RDK_SIZE(hbDNNTensor, 272);
RDK_AT(hbDNNTensor, sysMem, 0);
RDK_AT(hbDNNTensor, properties, 96);
RDK_SIZE(hbDNNRoi, 16);
RDK_AT(hbDNNRoi, left, 0);
RDK_AT(hbDNNRoi, top, 4);
RDK_AT(hbDNNRoi, right, 8);
RDK_AT(hbDNNRoi, bottom, 12);
RDK_SIZE(hbDNNInferCtrlParam, 32);
RDK_AT(hbDNNInferCtrlParam, bpuCoreId, 0);
RDK_AT(hbDNNInferCtrlParam, dspCoreId, 4);
RDK_AT(hbDNNInferCtrlParam, priority, 8);
RDK_AT(hbDNNInferCtrlParam, more, 12);
RDK_AT(hbDNNInferCtrlParam, customId, 16);
RDK_AT(hbDNNInferCtrlParam, reserved1, 24);
RDK_AT(hbDNNInferCtrlParam, reserved2, 28);

RDK_SIZE(hbDNNQuantiType, 4);
RDK_VALUE(HB_DNN_LAYOUT_NHWC, 0);
RDK_VALUE(HB_DNN_LAYOUT_NONE, 255);
RDK_VALUE(HB_DNN_IMG_TYPE_Y, 0);
RDK_VALUE(HB_DNN_IMG_TYPE_BGR, 5);
RDK_VALUE(HB_DNN_TENSOR_TYPE_S4, 6);
RDK_VALUE(HB_DNN_TENSOR_TYPE_MAX, 19);
RDK_VALUE(NONE, 0);
RDK_VALUE(SCALE, 2);
RDK_VALUE(HB_DNN_INVALID_ARGUMENT, -6000001);
RDK_VALUE(HB_DNN_MULTI_PROGRESS_USE_ERROR, -6000016);
RDK_VALUE(HB_SYS_INVALID_ARGUMENT, -6000129);
RDK_VALUE(HB_SYS_REGISTER_MEM_FAILED, -6000131);
RDK_VALUE(HB_SYS_MEM_CACHE_INVALIDATE, 1);
RDK_VALUE(HB_SYS_MEM_CACHE_CLEAN, 2);

#undef RDK_VALUE
#undef RDK_AT
#undef RDK_SIZE
