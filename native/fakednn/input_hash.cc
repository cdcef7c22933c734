#include "fakednn/input_hash.h"

#include <cstring>

#include "fakednn/sha256.h"

namespace rdk::fakednn {
namespace {

constexpr size_t kMaxKnown = 4096;

// Four lanes of multiply and rotate over 8-byte words; the multiplier is 2^64 divided by the golden ratio.
uint64_t FastHash(const std::vector<uint8_t>& bytes) {
  constexpr uint64_t kFactor = 0x9E3779B97F4A7C15;
  const auto mixed = [](uint64_t state, uint64_t word) {
    state = (state ^ word) * kFactor;
    return state << 29 | state >> 35;
  };
  uint64_t lanes[4] = {1, 2, 3, 4};
  size_t at = 0;
  for (; at + 32 <= bytes.size(); at += 32) {
    uint64_t words[4];
    std::memcpy(words, bytes.data() + at, sizeof words);
    for (int lane = 0; lane < 4; ++lane) lanes[lane] = mixed(lanes[lane], words[lane]);
  }
  uint64_t hash = bytes.size();
  for (; at < bytes.size(); ++at) hash = mixed(hash, bytes[at]);
  for (const uint64_t lane : lanes) hash = mixed(hash, lane);
  return hash;
}

}  // namespace

const std::string& InputHash::Of(const std::vector<uint8_t>& bytes) {
  const uint64_t key = FastHash(bytes);
  const auto found = known_.find(key);
  if (found != known_.end()) return found->second;
  if (known_.size() >= kMaxKnown) known_.clear();
  return known_.emplace(key, Sha256Start(bytes)).first->second;
}

}  // namespace rdk::fakednn
