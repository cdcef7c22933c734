// The vendor's inference library, loaded at run time: its symbols carry a version, so that a program linked
// to one libdnn.so does not start with another.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "dnn_abi/dnn_abi.h"

namespace rdk::bpu {

// The functions used, by the vendor's names.
struct DnnFunctions {
  decltype(&::hbDNNGetVersion) hbDNNGetVersion;
  decltype(&::hbDNNInitializeFromFiles) hbDNNInitializeFromFiles;
  decltype(&::hbDNNRelease) hbDNNRelease;
  decltype(&::hbDNNGetModelNameList) hbDNNGetModelNameList;
  decltype(&::hbDNNGetModelHandle) hbDNNGetModelHandle;
  decltype(&::hbDNNGetInputCount) hbDNNGetInputCount;
  decltype(&::hbDNNGetInputName) hbDNNGetInputName;
  decltype(&::hbDNNGetInputTensorProperties) hbDNNGetInputTensorProperties;
  decltype(&::hbDNNGetOutputCount) hbDNNGetOutputCount;
  decltype(&::hbDNNGetOutputName) hbDNNGetOutputName;
  decltype(&::hbDNNGetOutputTensorProperties) hbDNNGetOutputTensorProperties;
  decltype(&::hbDNNInfer) hbDNNInfer;
  decltype(&::hbDNNWaitTaskDone) hbDNNWaitTaskDone;
  decltype(&::hbDNNReleaseTask) hbDNNReleaseTask;
  decltype(&::hbSysAllocCachedMem) hbSysAllocCachedMem;
  decltype(&::hbSysFlushMem) hbSysFlushMem;
  decltype(&::hbSysFreeMem) hbSysFreeMem;
};

// Never unloaded: the library's own threads may outlive every session.
class DnnLibrary {
 public:
  // `path` as the loader takes it; empty searches for libdnn.so as the loader does. Throws `dnn_library` with
  // the loader's own words, the missing symbols, or the sign of the S100's library.
  static std::shared_ptr<const DnnLibrary> Open(const std::string& path);

  DnnLibrary(const DnnLibrary&) = delete;
  DnnLibrary& operator=(const DnnLibrary&) = delete;

  const DnnFunctions* operator->() const { return &functions_; }
  // Where the loader found it.
  const std::string& path() const { return path_; }
  // What hbDNNGetVersion says.
  const std::string& version() const { return version_; }

 private:
  explicit DnnLibrary(void* handle);

  DnnFunctions functions_{};
  std::string path_;
  std::string version_;
};

}  // namespace rdk::bpu
