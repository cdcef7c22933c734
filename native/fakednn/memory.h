// Every hbSysMem has two copies, the CPU's and the device's; only a flush carries bytes between them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "dnn_abi/dnn_abi.h"
#include "fakednn/fakednn.h"

namespace fakednn {

struct Buffer {
  std::vector<uint8_t> cpu;
  std::vector<uint8_t> device;
  uint8_t* cpu_start = nullptr;  // 64-aligned within cpu
  uint64_t physical = 0;
  uint32_t size_bytes = 0;
  bool cached = false;
  int running_tasks = 0;

  /// CPU to device.
  void Clean();
  /// Device to CPU.
  void Invalidate();
};

/// Part of a buffer that a tensor names.
struct Span {
  std::shared_ptr<Buffer> buffer;
  size_t offset_bytes = 0;

  uint8_t* device() const { return buffer->device.data() + offset_bytes; }
};

/// The buffer behind `memory`, at least `size_bytes` from its start; a violation and no buffer otherwise.
Span FindSpan(const hbSysMem& memory, size_t size_bytes, const std::string& who);

/// Marks buffers as in use by a running task. False with a violation where `exclusive` is not to be had.
void Hold(const std::vector<Span>& spans, const std::string& who);
void LetGo(const std::vector<Span>& spans);

void ResetMemoryCounters();
void CountMemory(hbFakeCounters& counters);

}  // namespace fakednn
