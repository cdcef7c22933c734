// The fault plan: which call of which function fails how.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <random>
#include <string>

namespace fakednn {

class Faults {
 public:
  static Faults& Instance();

  /// Counts one call of `function`; the planned value for this call in `value`, or false.
  bool Next(const std::string& function, int32_t& value);
  /// Replaces the plan and starts counting at 1. False with a violation for a text that is none.
  bool Set(const std::string& plan);
  /// The plan of RDK_FAKEDNN_FAULTS: the text itself, or `file:PATH`.
  void Reload();

 private:
  Faults() { Reload(); }

  std::mutex mutex_;
  std::map<std::string, std::map<uint64_t, int32_t>> planned_;
  std::map<std::string, uint64_t> calls_;
  std::mt19937 random_;
  double rate_ = 0;
};

}  // namespace fakednn
