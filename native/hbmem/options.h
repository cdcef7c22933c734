// What TypeScript passes in; plain values, already checked for type.
#pragma once

#include <rmw/types.h>

#include <string>

namespace rdk::hbmem {

struct EndpointOptions {
  // As the user wrote it: rcl expands it and applies the node's remap rules.
  std::string topic;
  std::string package;
  std::string type_name;
  rmw_qos_profile_t qos{};
};

struct SubscriptionOptions : EndpointOptions {
  // Takes serialised messages even where the middleware could loan them; for tests of that path.
  bool force_serialized = false;
};

}  // namespace rdk::hbmem
