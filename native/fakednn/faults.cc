#include "fakednn/faults.h"

#include <iterator>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "dnn_abi/dnn_abi.h"

namespace rdk::fakednn {
namespace {

// All of the text as a number.
template <typename Number>
bool ReadWhole(const std::string& text, Number& number) {
  std::istringstream words(text);
  return words >> number && (words >> std::ws).eof();
}

// What a rule says after call and number. False where it says nothing known.
bool ReadFault(const std::vector<std::string>& words, const std::string& call, Fault& fault) {
  if (words.size() == 1 && ReadWhole(words[0], fault.status)) return true;
  if (call == "hbDNNGetModelNameList" || call == "hbSysAllocCachedMem") {
    const bool is_list = call == "hbDNNGetModelNameList";
    fault.kind = is_list ? Fault::Kind::kNull : Fault::Kind::kSkewed;
    return words.size() == 1 && words[0] == (is_list ? "null" : "skewed");
  }
  if (call != "hbDNNInfer" || words.empty() || words.size() > 2) return false;
  if (words[0] == "begun") {
    fault.kind = Fault::Kind::kBegun;
    return words.size() == 2 && ReadWhole(words[1], fault.status);
  }
  const bool has_ms = words.size() == 2;
  if (has_ms && !ReadWhole(words[1], fault.ms)) return false;
  if (words[0] == "late") {
    fault.kind = Fault::Kind::kLate;
    return has_ms;
  }
  fault.kind = words[0] == "jam" ? Fault::Kind::kJam : Fault::Kind::kHang;
  return words[0] == "jam" || words[0] == "hang";
}

}  // namespace

void FaultPlan::Add(const std::string& rule) {
  std::istringstream text(rule);
  const std::vector<std::string> words{std::istream_iterator<std::string>(text), {}};
  Rule made{};
  if (words.size() > 2) {
    const std::string& call = words[0];
    made.and_later = words[1].back() == '+';
    const std::string number = words[1].substr(0, words[1].size() - (made.and_later ? 1 : 0));
    if (ReadWhole(number, made.at) && made.at > 0 &&
        ReadFault({words.begin() + 2, words.end()}, call, made.fault)) {
      rules_.emplace(call, made);
      return;
    }
  }
  throw std::invalid_argument(
      "fault '" + rule +
      "'; expected CALL N STATUS, CALL N+ STATUS, hbDNNInfer N late MS, hbDNNInfer N hang [MS], hbDNNInfer N "
      "jam [MS], hbDNNInfer N begun STATUS, hbDNNGetModelNameList N null or hbSysAllocCachedMem N skewed");
}

void FaultPlan::SetRandom(const std::string& rule) {
  std::istringstream words(rule);
  unsigned seed = 0;
  if (!(words >> seed >> random_share_) || !(words >> std::ws).eof() || random_share_ < 0 ||
      random_share_ > 1) {
    throw std::invalid_argument("random faults '" + rule + "'; expected SEED SHARE with a share of 0 to 1");
  }
  random_.seed(seed);
}

std::optional<Fault> FaultPlan::Next(const std::string& call) {
  const int64_t count = ++calls_[call];
  const auto [first, last] = rules_.equal_range(call);
  for (auto it = first; it != last; ++it) {
    if (it->second.at == count || (it->second.and_later && it->second.at <= count)) return it->second.fault;
  }
  if (random_share_ > 0 && (call == "hbDNNInfer" || call == "hbDNNWaitTaskDone") &&
      std::uniform_real_distribution<>(0, 1)(random_) < random_share_) {
    return Fault{Fault::Kind::kStatus, HB_DNN_RUN_TASK_FAILED};
  }
  return std::nullopt;
}

}  // namespace rdk::fakednn
