// SHA-256 (FIPS 180-4); small rather than fast.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace rdk::fakednn {

// The first 64 bits of the digest as 16 hexadecimal digits.
std::string Sha256Start(std::vector<uint8_t> message);

}  // namespace rdk::fakednn
