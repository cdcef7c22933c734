// Memory the BPU reads and writes: one model input and all outputs of one frame.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/bpu/counters.h"
#include "core/bpu/dnn_library.h"
#include "core/bpu/dnn_model.h"

namespace rdk::bpu {

// One cached allocation. Freed with the object, unless it is in quarantine.
class DeviceBuffer {
 public:
  // Zeroed and cleaned, so that no dirty cache line overwrites the BPU's results later. `what` is for the
  // message of the `bpu_memory` it throws.
  DeviceBuffer(std::shared_ptr<const DnnLibrary> library, std::shared_ptr<Counters> counters,
               uint32_t size_bytes, const std::string& what);
  ~DeviceBuffer();
  DeviceBuffer(DeviceBuffer&& other) noexcept;
  DeviceBuffer(const DeviceBuffer&) = delete;
  DeviceBuffer& operator=(const DeviceBuffer&) = delete;

  uint8_t* data() const { return static_cast<uint8_t*>(memory_.virAddr); }
  size_t size_bytes() const { return size_bytes_; }
  const hbSysMem& memory() const { return memory_; }

  // After the CPU wrote, before the BPU reads. Returns the vendor's status.
  int32_t Clean();
  // After the BPU wrote, before the CPU reads.
  int32_t Invalidate();
  // The BPU may still write here: the memory is never freed.
  void Quarantine() { is_quarantined_ = true; }

 private:
  void Free();

  std::shared_ptr<const DnnLibrary> library_;
  std::shared_ptr<Counters> counters_;
  hbSysMem memory_{};
  bool is_quarantined_ = false;
  size_t size_bytes_;
};

struct Slot {
  // Throws `bpu_memory` if one allocation is refused or the input lies at a physical address that is no
  // multiple of 16; those made before are freed again.
  Slot(const std::shared_ptr<const DnnLibrary>& library, const std::shared_ptr<Counters>& counters,
       const DnnModel& model, int index);
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;

  void Quarantine();
  size_t size_bytes() const;

  DeviceBuffer input;
  std::vector<DeviceBuffer> outputs;
  // What hbDNNInfer is given, filled once.
  hbDNNTensor input_tensor{};
  std::vector<hbDNNTensor> output_tensors;
  // When the input was last ready.
  std::chrono::steady_clock::time_point ready_at;
};

}  // namespace rdk::bpu
