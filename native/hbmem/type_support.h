// The type supports of a message type, found by its name.
#pragma once

#include <rosidl_runtime_c/message_type_support_struct.h>

#include <string>

namespace rdk::hbmem {

// `support` is the library's part of the name, as rosidl_typesupport_c. Throws CodedError `type_support`.
const rosidl_message_type_support_t* LoadTypeSupport(const std::string& support, const std::string& package,
                                                     const std::string& name);

}  // namespace rdk::hbmem
