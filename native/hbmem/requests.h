// Reads what TypeScript passes in; throws coded JS errors.
#pragma once

#include <napi.h>

#include "hbmem/options.h"
#include "hbmem/publisher_core.h"

namespace rdk::hbmem {

EndpointOptions ReadEndpointOptions(const Napi::Object& request);
SubscriptionOptions ReadSubscriptionOptions(const Napi::Object& request);
// `encoding_bytes` is the size of the type's encoding field.
OutgoingHeader ReadOutgoingHeader(const Napi::Object& request, size_t encoding_bytes);

}  // namespace rdk::hbmem
