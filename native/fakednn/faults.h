// Calls that fail on purpose.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>

namespace rdk::fakednn {

// What befalls one call: it fails with a status, succeeds with something unusable, or, of hbDNNInfer, its
// task ends late or never, or begins though the call fails.
struct Fault {
  enum class Kind { kStatus, kLate, kHang, kJam, kBegun, kNull, kSkewed };
  Kind kind = Kind::kStatus;
  int32_t status = 0;
  // kLate: the task ends this much later. kHang: this long after the release of the task was asked for the
  // device begins to write the outputs. kJam: the task has the core this much longer. Negative for never.
  double ms = -1;
};

class FaultPlan {
 public:
  // The rules of README.md: `CALL N STATUS`, `CALL N+ STATUS` (from the Nth call on), `hbDNNInfer N late MS`,
  // ... Throws std::invalid_argument.
  void Add(const std::string& rule);
  // `SEED SHARE`: this share of hbDNNInfer and of hbDNNWaitTaskDone fails. Throws std::invalid_argument.
  void SetRandom(const std::string& rule);

  // Counts a call.
  std::optional<Fault> Next(const std::string& call);

 private:
  struct Rule {
    int64_t at;
    bool and_later;
    Fault fault;
  };
  std::multimap<std::string, Rule> rules_;
  std::map<std::string, int64_t> calls_;
  double random_share_ = 0;
  std::mt19937 random_;
};

}  // namespace rdk::fakednn
