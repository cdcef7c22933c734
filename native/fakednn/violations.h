// Misuse of the ABI: counted, kept as text, written to stderr, fatal with RDK_FAKEDNN_STRICT=1.
#pragma once

#include <string>

namespace fakednn {

void Violate(const std::string& text);

}  // namespace fakednn
