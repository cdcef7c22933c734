// The calls of hb_sys.h that copy or register memory.
#include <cstring>

#include "dnn_abi/dnn_abi.h"
#include "fakednn/memory.h"

int32_t hbSysWriteMem(hbSysMem* destination, char* source, uint32_t size) {
  if (!destination || !source) return HB_SYS_INVALID_ARGUMENT;
  if (!fakednn::FindSpan(*destination, size, "hbSysWriteMem").buffer) return HB_SYS_INVALID_ARGUMENT;
  std::memcpy(destination->virAddr, source, size);
  return HB_SYS_SUCCESS;
}

int32_t hbSysReadMem(char* destination, hbSysMem* source, uint32_t size) {
  if (!destination || !source) return HB_SYS_INVALID_ARGUMENT;
  if (!fakednn::FindSpan(*source, size, "hbSysReadMem").buffer) return HB_SYS_INVALID_ARGUMENT;
  std::memcpy(destination, source->virAddr, size);
  return HB_SYS_SUCCESS;
}

int32_t hbSysRegisterMem(hbSysMem*) { return HB_SYS_REGISTER_MEM_FAILED; }

int32_t hbSysUnregisterMem(hbSysMem*) { return HB_SYS_REGISTER_MEM_FAILED; }
