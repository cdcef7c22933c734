// The vendor's names of enum values, as model texts and messages have them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace rdk::fakednn {

std::optional<int32_t> TensorTypeNamed(const std::string& name);
std::optional<int32_t> LayoutNamed(const std::string& name);
std::optional<int32_t> QuantiTypeNamed(const std::string& name);
std::optional<int32_t> InputSourceNamed(const std::string& name);

// 0 for types without whole bytes per element and for those of several planes.
int64_t ElementBytes(int32_t tensor_type);

const char* StatusName(int32_t status);

}  // namespace rdk::fakednn
