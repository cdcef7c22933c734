#include "fakednn/memory.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <map>
#include <mutex>
#include <set>

#include "fakednn/faults.h"
#include "fakednn/violations.h"

namespace fakednn {
namespace {

constexpr uint8_t kFresh = 0xA5;
constexpr size_t kAlignBytes = 64;

struct Memories {
  std::mutex mutex;
  std::map<uintptr_t, std::shared_ptr<Buffer>> live;
  std::set<uintptr_t> freed;
  uint64_t next_physical = 0x80000000;
  hbFakeCounters counters = {};
};

Memories& All() {
  static Memories& all = *new Memories;
  return all;
}

std::string Hex(uint64_t value) {
  char text[20];
  std::snprintf(text, sizeof(text), "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

/// Needs the lock. The live buffer that holds this address, or null.
std::shared_ptr<Buffer> Holding(uintptr_t address) {
  auto after = All().live.upper_bound(address);
  if (after == All().live.begin()) return nullptr;
  const auto& [start, buffer] = *--after;
  return address < start + buffer->size_bytes ? buffer : nullptr;
}

/// Needs the lock.
std::string WhatIs(uintptr_t address) {
  return All().freed.count(address) ? "freed memory " + Hex(address) : "foreign memory " + Hex(address);
}

int32_t Allocate(hbSysMem* memory, uint32_t size, bool cached) {
  int32_t fault = 0;
  if (Faults::Instance().Next("alloc", fault)) return fault;
  if (!memory || size == 0) return HB_SYS_INVALID_ARGUMENT;
  auto buffer = std::make_shared<Buffer>();
  buffer->cpu.assign(size + kAlignBytes, kFresh);
  // Unlike the CPU's bytes, so that a forgotten flush shows.
  buffer->device.assign(size, static_cast<uint8_t>(~kFresh));
  const auto start = reinterpret_cast<uintptr_t>(buffer->cpu.data());
  buffer->cpu_start = buffer->cpu.data() + (kAlignBytes - start % kAlignBytes) % kAlignBytes;
  buffer->size_bytes = size;
  buffer->cached = cached;
  std::lock_guard<std::mutex> lock(All().mutex);
  buffer->physical = All().next_physical;
  All().next_physical += (uint64_t{size} + 4095) / 4096 * 4096 + 4096;
  const auto address = reinterpret_cast<uintptr_t>(buffer->cpu_start);
  All().freed.erase(address);
  All().counters.allocations++;
  *memory = {buffer->physical, buffer->cpu_start, size};
  All().live.emplace(address, std::move(buffer));
  return HB_SYS_SUCCESS;
}

}  // namespace

void Buffer::Clean() { std::memcpy(device.data(), cpu_start, size_bytes); }

void Buffer::Invalidate() { std::memcpy(cpu_start, device.data(), size_bytes); }

Span FindSpan(const hbSysMem& memory, size_t size_bytes, const std::string& who) {
  const auto address = reinterpret_cast<uintptr_t>(memory.virAddr);
  std::lock_guard<std::mutex> lock(All().mutex);
  const auto buffer = Holding(address);
  if (!buffer) {
    Violate(who + ": " + WhatIs(address));
    return {};
  }
  const size_t offset = address - reinterpret_cast<uintptr_t>(buffer->cpu_start);
  if (memory.phyAddr != buffer->physical + offset) {
    Violate(who + ": physical address " + Hex(memory.phyAddr) + ", expected " +
            Hex(buffer->physical + offset));
    return {};
  }
  if (memory.phyAddr % 16 != 0) {
    Violate(who + ": physical address " + Hex(memory.phyAddr) + " is no multiple of 16");
    return {};
  }
  const size_t have = std::min<size_t>(buffer->size_bytes - offset, memory.memSize);
  if (have < size_bytes) {
    Violate(who + ": memory of " + std::to_string(have) + " bytes, expected at least " +
            std::to_string(size_bytes));
    return {};
  }
  return {buffer, offset};
}

void Hold(const std::vector<Span>& spans, const std::string& who) {
  std::lock_guard<std::mutex> lock(All().mutex);
  for (const Span& span : spans) {
    if (span.buffer->running_tasks++ > 0) {
      Violate(who + ": memory at " + Hex(span.buffer->physical) + " belongs to a running task");
    }
  }
}

void LetGo(const std::vector<Span>& spans) {
  std::lock_guard<std::mutex> lock(All().mutex);
  for (const Span& span : spans) span.buffer->running_tasks--;
}

void ResetMemoryCounters() {
  std::lock_guard<std::mutex> lock(All().mutex);
  All().counters = {};
}

void CountMemory(hbFakeCounters& counters) {
  std::lock_guard<std::mutex> lock(All().mutex);
  counters.allocations = All().counters.allocations;
  counters.frees = All().counters.frees;
  counters.flushes = All().counters.flushes;
  counters.live_buffers = All().live.size();
}

}  // namespace fakednn

using namespace fakednn;

int32_t hbSysAllocMem(hbSysMem* memory, uint32_t size) { return Allocate(memory, size, false); }

int32_t hbSysAllocCachedMem(hbSysMem* memory, uint32_t size) { return Allocate(memory, size, true); }

int32_t hbSysFlushMem(hbSysMem* memory, int32_t flag) {
  int32_t fault = 0;
  if (Faults::Instance().Next("flush", fault)) return fault;
  if (!memory || (flag != HB_SYS_MEM_CACHE_CLEAN && flag != HB_SYS_MEM_CACHE_INVALIDATE)) {
    return HB_SYS_INVALID_ARGUMENT;
  }
  const auto address = reinterpret_cast<uintptr_t>(memory->virAddr);
  std::lock_guard<std::mutex> lock(All().mutex);
  All().counters.flushes++;
  const auto buffer = Holding(address);
  if (!buffer) {
    Violate("hbSysFlushMem: " + WhatIs(address));
    return HB_SYS_INVALID_ARGUMENT;
  }
  if (buffer->running_tasks > 0) {
    Violate("hbSysFlushMem: memory at " + Hex(buffer->physical) + " belongs to a running task");
  }
  if (flag == HB_SYS_MEM_CACHE_CLEAN)
    buffer->Clean();
  else
    buffer->Invalidate();
  return HB_SYS_SUCCESS;
}

int32_t hbSysFreeMem(hbSysMem* memory) {
  int32_t fault = 0;
  if (Faults::Instance().Next("free", fault)) return fault;
  if (!memory) return HB_SYS_INVALID_ARGUMENT;
  const auto address = reinterpret_cast<uintptr_t>(memory->virAddr);
  std::lock_guard<std::mutex> lock(All().mutex);
  const auto found = All().live.find(address);
  if (found == All().live.end()) {
    Violate("hbSysFreeMem: " + WhatIs(address));
    return HB_SYS_INVALID_ARGUMENT;
  }
  if (found->second->running_tasks > 0) {
    Violate("hbSysFreeMem: memory at " + Hex(found->second->physical) + " belongs to a running task");
  }
  All().freed.insert(address);
  All().live.erase(found);
  All().counters.frees++;
  return HB_SYS_SUCCESS;
}
