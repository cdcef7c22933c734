#include "core/bpu/slot.h"

#include <cstdio>
#include <cstring>
#include <utility>

#include "core/bpu/vendor_status.h"

namespace rdk::bpu {
namespace {

std::string What(int slot, const char* direction, const TensorInfo& tensor) {
  return "memory of slot " + std::to_string(slot) + " for " + direction + " " + tensor.name + ", " +
         std::to_string(tensor.properties.alignedByteSize) + " bytes";
}

// The BPU reads inputs in steps of so many bytes.
constexpr uint64_t kAddressStepBytes = 16;

void CheckAddress(const std::string& what, uint64_t address) {
  if (address % kAddressStepBytes == 0) return;
  char hex[24];
  std::snprintf(hex, sizeof hex, "0x%llx", static_cast<unsigned long long>(address));
  throw CodedError(ErrorCode::kBpuMemory, what + ": physical address " + hex + "; expected a multiple of " +
                                              std::to_string(kAddressStepBytes));
}

uint32_t SizeOf(const TensorInfo& tensor) { return static_cast<uint32_t>(tensor.properties.alignedByteSize); }

}  // namespace

DeviceBuffer::DeviceBuffer(std::shared_ptr<const DnnLibrary> library, std::shared_ptr<Counters> counters,
                           uint32_t size_bytes, const std::string& what)
    : library_(std::move(library)), counters_(std::move(counters)), size_bytes_(size_bytes) {
  CheckStatus(ErrorCode::kBpuMemory, what, "hbSysAllocCachedMem",
              (*library_)->hbSysAllocCachedMem(&memory_, size_bytes));
  if (memory_.virAddr == nullptr)
    throw CodedError(ErrorCode::kBpuMemory, what + ": hbSysAllocCachedMem gave no address");
  counters_->allocations++;
  counters_->allocated_bytes += size_bytes;
  try {
    if (memory_.memSize < size_bytes) {
      throw CodedError(ErrorCode::kBpuMemory,
                       what + ": hbSysAllocCachedMem gave " + std::to_string(memory_.memSize) + " bytes");
    }
    std::memset(memory_.virAddr, 0, size_bytes);
    CheckStatus(ErrorCode::kBpuMemory, what, "hbSysFlushMem", Clean());
  } catch (...) {
    Free();
    throw;
  }
}

DeviceBuffer::DeviceBuffer(DeviceBuffer&& other) noexcept
    : library_(std::move(other.library_)),
      counters_(std::move(other.counters_)),
      memory_(std::exchange(other.memory_, hbSysMem{})),
      size_bytes_(other.size_bytes_) {}

DeviceBuffer::~DeviceBuffer() { Free(); }

void DeviceBuffer::Free() {
  if (memory_.virAddr == nullptr || is_quarantined_) return;
  const int32_t status = (*library_)->hbSysFreeMem(&memory_);
  memory_.virAddr = nullptr;
  if (status == 0) {
    counters_->frees++;
  } else {
    counters_->failed_frees++;
  }
}

int32_t DeviceBuffer::Clean() {
  counters_->cleans++;
  return (*library_)->hbSysFlushMem(&memory_, HB_SYS_MEM_CACHE_CLEAN);
}

int32_t DeviceBuffer::Invalidate() {
  counters_->invalidates++;
  return (*library_)->hbSysFlushMem(&memory_, HB_SYS_MEM_CACHE_INVALIDATE);
}

Slot::Slot(const std::shared_ptr<const DnnLibrary>& library, const std::shared_ptr<Counters>& counters,
           const DnnModel& model, int index)
    : input(library, counters, SizeOf(model.input()), What(index, "input", model.input())) {
  CheckAddress(What(index, "input", model.input()), input.memory().phyAddr);
  input_tensor.sysMem[0] = input.memory();
  input_tensor.properties = model.input().properties;
  outputs.reserve(model.outputs().size());
  output_tensors.resize(model.outputs().size());
  for (size_t at = 0; at < model.outputs().size(); ++at) {
    const TensorInfo& tensor = model.outputs()[at];
    outputs.emplace_back(library, counters, SizeOf(tensor), What(index, "output", tensor));
    output_tensors[at].sysMem[0] = outputs[at].memory();
    output_tensors[at].properties = tensor.properties;
  }
}

void Slot::Quarantine() {
  input.Quarantine();
  for (DeviceBuffer& output : outputs) output.Quarantine();
}

size_t Slot::size_bytes() const {
  size_t bytes = input.size_bytes();
  for (const DeviceBuffer& output : outputs) bytes += output.size_bytes();
  return bytes;
}

}  // namespace rdk::bpu
