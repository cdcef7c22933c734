#include "fakednn/memory.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "fakednn/refusal.h"

namespace rdk::fakednn {
namespace {

constexpr uint64_t kFirstAddress = 0x4000'0000;
constexpr size_t kPageBytes = 4096;
constexpr uint8_t kCpuPoison = 0xA5;
constexpr uint8_t kDevicePoison = 0x5A;

size_t WholePages(size_t size) { return (size + kPageBytes - 1) / kPageBytes * kPageBytes; }

std::string Hex(uint64_t address) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(address));
  return text;
}

}  // namespace

Block::Block(uint64_t physical, size_t size, bool is_cached)
    : physical_(physical),
      size_(size),
      is_cached_(is_cached),
      owned_(static_cast<uint8_t*>(std::aligned_alloc(kPageBytes, WholePages(size)))),
      cpu_(owned_.get()) {
  if (cpu_ == nullptr) throw Refusal{HB_SYS_OUT_OF_MEMORY};
  std::memset(cpu_, kCpuPoison, size);
  if (is_cached) {
    own_device_ = std::make_shared<Bytes>(size, kDevicePoison);
    device_ = own_device_;
  }
}

Block::Block(uint64_t physical, uint8_t* cpu, size_t size)
    : physical_(physical), size_(size), is_cached_(false), cpu_(cpu) {}

bool Block::IsCoherent(size_t offset, size_t size) const {
  return !is_cached_ || std::memcmp(cpu_ + offset, device_->data() + offset, size) == 0;
}

Bytes& Block::OwnDevice() {
  if (device_ != own_device_) {
    *own_device_ = *device_;
    device_ = own_device_;
  }
  return *own_device_;
}

void Block::Clean(size_t offset, size_t size) {
  if (is_cached_) std::memcpy(OwnDevice().data() + offset, cpu_ + offset, size);
}

void Block::WriteDevice(size_t offset, const SharedBytes& bytes) {
  if (!is_cached_) {
    std::memcpy(cpu_ + offset, bytes->data(), bytes->size());
  } else if (offset == 0 && bytes->size() == size_) {
    device_ = bytes;
  } else {
    std::memcpy(OwnDevice().data() + offset, bytes->data(), bytes->size());
  }
}

Memory::Memory(Violations& violations) : violations_(violations), next_(kFirstAddress) {}

hbSysMem Memory::Allocate(uint32_t size, bool is_cached, uint64_t skew_bytes) {
  if (size == 0) throw Refusal{HB_SYS_INVALID_ARGUMENT};
  const auto block = std::make_shared<Block>(next_ + skew_bytes, size, is_cached);
  blocks_.emplace(block->physical(), block);
  // A page between two blocks belongs to nobody.
  next_ += WholePages(size) + kPageBytes;
  return {block->physical(), block->cpu(), size};
}

void Memory::Register(const hbSysMem& memory) {
  const auto after = blocks_.lower_bound(memory.phyAddr + memory.memSize);
  const bool overlaps =
      after != blocks_.begin() &&
      std::prev(after)->second->physical() + std::prev(after)->second->size() > memory.phyAddr;
  if (memory.virAddr == nullptr || memory.memSize == 0 || memory.phyAddr % 16 != 0 || overlaps) {
    throw Refusal{HB_SYS_REGISTER_MEM_FAILED};
  }
  blocks_.emplace(memory.phyAddr, std::make_shared<Block>(
                                      memory.phyAddr, static_cast<uint8_t*>(memory.virAddr), memory.memSize));
}

Range Memory::Find(const std::string& call, const std::string& what, const hbSysMem& memory, size_t size) {
  const auto refuse = [&](const std::string& why) {
    violations_.Report(call + ": " + what + " at " + Hex(memory.phyAddr) + " " + why);
    return Refusal{HB_SYS_INVALID_ARGUMENT};
  };
  const auto after = blocks_.upper_bound(memory.phyAddr);
  const auto block = after == blocks_.begin() ? nullptr : std::prev(after)->second;
  if (block == nullptr || memory.phyAddr - block->physical() >= block->size()) {
    const bool was_ours = memory.phyAddr >= kFirstAddress && memory.phyAddr < next_;
    throw refuse(was_ours ? "was freed before" : "is not memory of this library");
  }
  const size_t offset = memory.phyAddr - block->physical();
  if (memory.virAddr != block->cpu() + offset) throw refuse("has the virtual address of other memory");
  if (size > block->size() - offset || size > memory.memSize) {
    throw refuse("has " + std::to_string(std::min<size_t>(memory.memSize, block->size() - offset)) +
                 " bytes; expected at least " + std::to_string(size));
  }
  return {block, offset, size};
}

}  // namespace rdk::fakednn
