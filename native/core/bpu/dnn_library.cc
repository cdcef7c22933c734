#include "core/bpu/dnn_library.h"

#include <dlfcn.h>
#include <link.h>

#include <cstdlib>
#include <filesystem>
#include <vector>

#include "core/bpu/vendor_status.h"

namespace rdk::bpu {
namespace {

constexpr char kDefaultName[] = "libdnn.so";
// The S100's library has these; its structs have other sizes, so that no call of ours may reach it.
constexpr const char* kForeignSymbols[] = {"hbDNNInferV2", "hbUCPSubmitTask", "hbUCPMalloc"};

std::string LoaderMessage() {
  const char* message = dlerror();
  return message == nullptr ? "no message of the loader" : message;
}

[[noreturn]] void ThrowNotLoaded(const std::string& name) {
  const std::string message = LoaderMessage();
  std::string remedy;
  std::error_code unused;
  const bool is_there = name.find('/') != std::string::npos && std::filesystem::exists(name, unused);
  const bool is_itself = message.rfind(name + ":", 0) == 0;
  if (is_itself && is_there) {
    remedy =
        "It is there, but is no library for this machine: expected the libdnn.so of an RDK X5 on the board, "
        "of native/fakednn on a PC";
  } else if (is_itself) {
    remedy =
        "It belongs to the system image of the RDK X5 (apt-get install hobot-dnn); elsewhere give "
        "backend.dnn_library the path of a libdnn.so, or use an ONNX model";
  } else {
    const char* search_path = std::getenv("LD_LIBRARY_PATH");
    remedy = std::string("A library it needs was not found: set LD_LIBRARY_PATH=/usr/hobot/lib (it is ") +
             (search_path == nullptr ? "unset" : "'" + std::string(search_path) + "'") + ")";
  }
  throw CodedError(ErrorCode::kDnnLibrary, name + " cannot be loaded: " + message + ". " + remedy);
}

// Where the loader found it.
std::string PathOf(void* handle) {
  link_map* map = nullptr;
  return dlinfo(handle, RTLD_DI_LINKMAP, static_cast<void*>(&map)) == 0 && map->l_name != nullptr
             ? map->l_name
             : kDefaultName;
}

class SymbolLookup {
 public:
  explicit SymbolLookup(void* handle) : handle_(handle) {}

  template <typename Function>
  void Find(Function& function, const char* name) {
    function = reinterpret_cast<Function>(dlsym(handle_, name));
    if (function == nullptr) missing_.push_back(name);
  }
  bool Has(const char* name) const { return dlsym(handle_, name) != nullptr; }
  const std::vector<std::string>& missing() const { return missing_; }

 private:
  void* handle_;
  std::vector<std::string> missing_;
};

std::string Joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

std::shared_ptr<const DnnLibrary> DnnLibrary::Open(const std::string& path) {
  const std::string name = path.empty() ? kDefaultName : path;
  // Lazy, as every program on the board loads it: the library names functions that its own dependencies lack.
  void* const handle = dlopen(name.c_str(), RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);
  if (handle == nullptr) ThrowNotLoaded(name);
  return std::shared_ptr<const DnnLibrary>(new DnnLibrary(handle));
}

DnnLibrary::DnnLibrary(void* handle) {
  SymbolLookup symbols(handle);
  DnnFunctions& f = functions_;
  symbols.Find(f.hbDNNGetVersion, "hbDNNGetVersion");
  symbols.Find(f.hbDNNInitializeFromFiles, "hbDNNInitializeFromFiles");
  symbols.Find(f.hbDNNRelease, "hbDNNRelease");
  symbols.Find(f.hbDNNGetModelNameList, "hbDNNGetModelNameList");
  symbols.Find(f.hbDNNGetModelHandle, "hbDNNGetModelHandle");
  symbols.Find(f.hbDNNGetInputCount, "hbDNNGetInputCount");
  symbols.Find(f.hbDNNGetInputName, "hbDNNGetInputName");
  symbols.Find(f.hbDNNGetInputTensorProperties, "hbDNNGetInputTensorProperties");
  symbols.Find(f.hbDNNGetOutputCount, "hbDNNGetOutputCount");
  symbols.Find(f.hbDNNGetOutputName, "hbDNNGetOutputName");
  symbols.Find(f.hbDNNGetOutputTensorProperties, "hbDNNGetOutputTensorProperties");
  symbols.Find(f.hbDNNInfer, "hbDNNInfer");
  symbols.Find(f.hbDNNWaitTaskDone, "hbDNNWaitTaskDone");
  symbols.Find(f.hbDNNReleaseTask, "hbDNNReleaseTask");
  symbols.Find(f.hbSysAllocCachedMem, "hbSysAllocCachedMem");
  symbols.Find(f.hbSysFlushMem, "hbSysFlushMem");
  symbols.Find(f.hbSysFreeMem, "hbSysFreeMem");

  path_ = PathOf(handle);
  for (const char* foreign : kForeignSymbols) {
    if (!symbols.Has(foreign)) continue;
    throw CodedError(ErrorCode::kDnnLibrary,
                     path_ + " is the library of another generation: it has " + foreign +
                         ", which the RDK S100 and other UCP systems have; expected the RDK X5's "
                         "libdnn.so (hbDNNInfer with hbSysMem)");
  }
  if (!symbols.missing().empty()) {
    throw CodedError(ErrorCode::kDnnLibrary,
                     path_ + " is not the RDK X5's libdnn.so: it lacks " + Joined(symbols.missing()));
  }
  const char* version = f.hbDNNGetVersion();
  version_ = version == nullptr ? "" : version;
}

}  // namespace rdk::bpu
