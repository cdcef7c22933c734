// hb_sys.h
#include <cstring>

#include "dnn_abi/dnn_abi.h"
#include "fakednn/state.h"

using namespace rdk::fakednn;

namespace {

// Of a physical address that is no multiple of 16.
constexpr uint64_t kSkewBytes = 8;

int32_t Allocate(const char* call, hbSysMem* memory, uint32_t size, bool is_cached) {
  return Call(call, [&](State& state, Entry&) -> int32_t {
    const std::optional<Fault> fault = state.NextFault(call);
    if (fault.has_value() && fault->kind == Fault::Kind::kStatus) throw Refusal{fault->status};
    if (memory == nullptr) throw Refusal{HB_SYS_INVALID_ARGUMENT};
    *memory = state.memory.Allocate(size, is_cached, fault.has_value() ? kSkewBytes : 0);
    return HB_DNN_SUCCESS;
  });
}

// The whole block that begins where `memory` says.
Range WholeBlock(State& state, const char* call, const hbSysMem* memory) {
  if (memory == nullptr) throw Refusal{HB_SYS_INVALID_ARGUMENT};
  const Range range = state.memory.Find(call, "memory", *memory, memory->memSize);
  if (range.offset != 0) {
    state.violations.Report(std::string(call) + ": memory is not the beginning of what was allocated");
    throw Refusal{HB_SYS_INVALID_ARGUMENT};
  }
  return {range.block, 0, range.block->size()};
}

int32_t GiveBack(const char* call, hbSysMem* memory, bool is_owned) {
  return Call(call, [&](State& state, Entry&) -> int32_t {
    state.MayFail(call);
    const Range range = WholeBlock(state, call, memory);
    if (range.block->is_owned() != is_owned) {
      state.violations.Report(std::string(call) + ": memory was " + (is_owned ? "registered" : "allocated"));
      throw Refusal{HB_SYS_INVALID_ARGUMENT};
    }
    if (state.device.IsUsing(range)) {
      state.violations.Report(std::string(call) + ": a task still uses the memory");
    }
    state.memory.Remove(*range.block);
    return HB_DNN_SUCCESS;
  });
}

}  // namespace

int32_t hbSysAllocMem(hbSysMem* memory, uint32_t size) {
  return Allocate("hbSysAllocMem", memory, size, false);
}

int32_t hbSysAllocCachedMem(hbSysMem* memory, uint32_t size) {
  return Allocate("hbSysAllocCachedMem", memory, size, true);
}

int32_t hbSysFlushMem(hbSysMem* memory, int32_t flag) {
  return Call("hbSysFlushMem", [&](State& state, Entry& entry) -> int32_t {
    const bool is_clean = flag == HB_SYS_MEM_CACHE_CLEAN;
    if (memory == nullptr || (!is_clean && flag != HB_SYS_MEM_CACHE_INVALIDATE)) {
      throw Refusal{HB_SYS_INVALID_ARGUMENT};
    }
    state.MayFail(is_clean ? "hbSysFlushMem.CLEAN" : "hbSysFlushMem.INVALIDATE");
    const Range range = state.memory.Find("hbSysFlushMem", "memory", *memory, memory->memSize);
    if (is_clean) {
      if (state.device.IsUsing(range)) {
        state.violations.Report("hbSysFlushMem: CLEAN of memory that a task still uses");
      }
      range.block->Clean(range.offset, range.size);
      return HB_DNN_SUCCESS;
    }
    const SharedBytes bytes = range.block->Invalidated();
    // Megabytes: other tasks go on meanwhile.
    entry.lock.unlock();
    if (bytes != nullptr) {
      std::memcpy(range.block->cpu() + range.offset, bytes->data() + range.offset, range.size);
    }
    return HB_DNN_SUCCESS;
  });
}

int32_t hbSysFreeMem(hbSysMem* memory) { return GiveBack("hbSysFreeMem", memory, true); }

int32_t hbSysWriteMem(hbSysMem* to, char* from, uint32_t size) {
  return Call("hbSysWriteMem", [&](State& state, Entry&) -> int32_t {
    state.MayFail("hbSysWriteMem");
    if (to == nullptr || from == nullptr) throw Refusal{HB_SYS_INVALID_ARGUMENT};
    const Range range = state.memory.Find("hbSysWriteMem", "memory", *to, size);
    std::memcpy(range.block->cpu() + range.offset, from, size);
    return HB_DNN_SUCCESS;
  });
}

int32_t hbSysReadMem(char* to, hbSysMem* from, uint32_t size) {
  return Call("hbSysReadMem", [&](State& state, Entry&) -> int32_t {
    state.MayFail("hbSysReadMem");
    if (to == nullptr || from == nullptr) throw Refusal{HB_SYS_INVALID_ARGUMENT};
    const Range range = state.memory.Find("hbSysReadMem", "memory", *from, size);
    std::memcpy(to, range.block->cpu() + range.offset, size);
    return HB_DNN_SUCCESS;
  });
}

int32_t hbSysRegisterMem(hbSysMem* memory) {
  return Call("hbSysRegisterMem", [&](State& state, Entry&) -> int32_t {
    state.MayFail("hbSysRegisterMem");
    if (memory == nullptr) throw Refusal{HB_SYS_INVALID_ARGUMENT};
    state.memory.Register(*memory);
    return HB_DNN_SUCCESS;
  });
}

int32_t hbSysUnregisterMem(hbSysMem* memory) { return GiveBack("hbSysUnregisterMem", memory, false); }
