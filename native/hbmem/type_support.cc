#include "hbmem/type_support.h"

#include <dlfcn.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <sstream>

#include "common/coded_error.h"

namespace rdk::hbmem {
namespace {

bool IsIdentifier(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char letter) {
    return std::isalnum(letter) != 0 || letter == '_';
  });
}

// The libraries stay loaded for the life of the process: the middleware keeps pointers into them.
void* OpenLibrary(const std::string& name) {
  if (void* library = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
  std::string reason = dlerror();
  // A sourced workspace whose lib folder is missing from LD_LIBRARY_PATH is still in AMENT_PREFIX_PATH.
  const char* prefixes = std::getenv("AMENT_PREFIX_PATH");
  std::istringstream list(prefixes == nullptr ? "" : prefixes);
  for (std::string prefix; std::getline(list, prefix, ':');) {
    prefix.append("/lib/").append(name);
    if (void* library = dlopen(prefix.c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
  }
  throw CodedError(ErrorCode::kTypeSupport,
                   "cannot load " + name + ": " + reason + "; is its package built and sourced?");
}

}  // namespace

const rosidl_message_type_support_t* LoadTypeSupport(const std::string& support, const std::string& package,
                                                     const std::string& name) {
  if (!IsIdentifier(package) || !IsIdentifier(name)) {
    throw CodedError(ErrorCode::kTypeSupport, "not a message type: " + package + "/msg/" + name);
  }
  const std::string library_name = "lib" + package + "__" + support + ".so";
  const std::string symbol = support + "__get_message_type_support_handle__" + package + "__msg__" + name;
  using Getter = const rosidl_message_type_support_t* (*)();
  auto getter = reinterpret_cast<Getter>(dlsym(OpenLibrary(library_name), symbol.c_str()));
  if (getter == nullptr) {
    throw CodedError(ErrorCode::kTypeSupport,
                     library_name + " has no " + symbol + ": the package has no message " + name);
  }
  return getter();
}

}  // namespace rdk::hbmem
