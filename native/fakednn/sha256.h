// The key of a recorded input: the first 64 bits of SHA-256 (FIPS 180-4), 16 hexadecimal digits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace fakednn {

/// Of the spans one after the other.
std::string InputHash(const std::vector<std::pair<const uint8_t*, size_t>>& spans);

}  // namespace fakednn
