// Memory as the BPU's driver gives it out: cached memory has a view of the CPU and one of the device.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "dnn_abi/dnn_abi.h"
#include "fakednn/violations.h"

namespace rdk::fakednn {

using Bytes = std::vector<uint8_t>;
using SharedBytes = std::shared_ptr<const Bytes>;

// One allocation.
class Block {
 public:
  // Both views start with poison, not the same, so that neither can pass for the other.
  Block(uint64_t physical, size_t size, bool is_cached);
  // Memory of somebody else's (hbSysRegisterMem), the same for CPU and device.
  Block(uint64_t physical, uint8_t* cpu, size_t size);

  uint64_t physical() const { return physical_; }
  uint8_t* cpu() const { return cpu_; }
  size_t size() const { return size_; }
  bool is_owned() const { return owned_ != nullptr; }

  const uint8_t* device() const { return is_cached_ ? device_->data() : cpu_; }
  bool IsCoherent(size_t offset, size_t size) const;
  // The device sees what the CPU wrote.
  void Clean(size_t offset, size_t size);
  // The bytes the CPU sees once they are copied to `cpu()`; null where both see the same anyway.
  SharedBytes Invalidated() const { return is_cached_ ? device_ : nullptr; }
  // The device writes. All of a block that is written at once is not copied.
  void WriteDevice(size_t offset, const SharedBytes& bytes);

 private:
  Bytes& OwnDevice();

  struct Freed {
    void operator()(uint8_t* memory) const { std::free(memory); }
  };
  uint64_t physical_;
  size_t size_;
  bool is_cached_;
  std::unique_ptr<uint8_t, Freed> owned_;
  uint8_t* cpu_;
  SharedBytes device_;
  // What `device_` is, unless that is an answer shared with others.
  std::shared_ptr<Bytes> own_device_;
};

// A part of a block.
struct Range {
  std::shared_ptr<Block> block;
  size_t offset = 0;
  size_t size = 0;

  const uint8_t* device() const { return block->device() + offset; }
  bool Overlaps(const Range& other) const {
    return block == other.block && offset < other.offset + other.size && other.offset < offset + size;
  }
};

class Memory {
 public:
  explicit Memory(Violations& violations);

  // At a physical address that is so much beyond the beginning of a page. Throws Refusal where there is none
  // left.
  hbSysMem Allocate(uint32_t size, bool is_cached, uint64_t skew_bytes = 0);
  void Register(const hbSysMem& memory);
  // `call` and `what` begin the violation that is reported where the memory is not ours, was freed before or
  // is smaller than `size`; then throws Refusal.
  Range Find(const std::string& call, const std::string& what, const hbSysMem& memory, size_t size);
  // Forgets a block that begins here.
  void Remove(const Block& block) { blocks_.erase(block.physical()); }

  size_t count() const { return blocks_.size(); }

 private:
  Violations& violations_;
  // By physical address; addresses are never given out again.
  std::map<uint64_t, std::shared_ptr<Block>> blocks_;
  uint64_t next_;
};

}  // namespace rdk::fakednn
