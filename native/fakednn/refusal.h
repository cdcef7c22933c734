// Ends a call with a status of the vendor's; caught at the C boundary.
#pragma once

#include <cstdint>

namespace rdk::fakednn {

struct Refusal {
  int32_t status;
};

}  // namespace rdk::fakednn
