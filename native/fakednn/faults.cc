#include "fakednn/faults.h"

#include <cstdlib>
#include <fstream>
#include <regex>
#include <sstream>

#include "dnn_abi/dnn_abi.h"
#include "fakednn/fakednn.h"
#include "fakednn/violations.h"

namespace fakednn {

Faults& Faults::Instance() {
  static Faults& faults = *new Faults;
  return faults;
}

bool Faults::Next(const std::string& function, int32_t& value) {
  std::lock_guard<std::mutex> lock(mutex_);
  const uint64_t call = ++calls_[function];
  const auto plan = planned_.find(function);
  if (plan != planned_.end()) {
    const auto fault = plan->second.find(call);
    if (fault != plan->second.end()) {
      value = fault->second;
      return true;
    }
  }
  if (rate_ <= 0 || std::uniform_real_distribution<>(0, 1)(random_) >= rate_) return false;
  if (function == "infer")
    value = HB_DNN_TASK_NUM_EXCEED_LIMIT;
  else if (function == "wait")
    value = HB_DNN_RUN_TASK_FAILED;
  else
    return false;
  return true;
}

bool Faults::Set(const std::string& plan) {
  static const std::regex call(
      R"(\s*(load|infer|wait|release|alloc|flush|free|late)@(\d{1,9})=(-?\d{1,9})\s*)");
  static const std::regex hang(R"(\s*hang@(\d{1,9})\s*)");
  static const std::regex random(R"(\s*random seed=(\d{1,9}) rate=(\d*\.?\d+)\s*)");
  std::lock_guard<std::mutex> lock(mutex_);
  planned_.clear();
  calls_.clear();
  rate_ = 0;
  std::istringstream parts(plan);
  for (std::string part; std::getline(parts, part, ';');) {
    std::smatch match;
    if (part.find_first_not_of(" \t\r\n") == std::string::npos) continue;
    if (std::regex_match(part, match, call)) {
      planned_[match[1]][std::stoul(match[2])] = std::stoi(match[3]);
    } else if (std::regex_match(part, match, hang)) {
      planned_["hang"][std::stoul(match[1])] = 0;
    } else if (std::regex_match(part, match, random)) {
      random_.seed(static_cast<uint32_t>(std::stoul(match[1])));
      rate_ = std::stod(match[2]);
    } else {
      Violate(
          "'" + part +
          "' is no fault; expected FUNCTION@CALL=STATUS, hang@CALL, late@CALL=MS or random seed=N rate=R");
      return false;
    }
  }
  return true;
}

void Faults::Reload() {
  const char* text = std::getenv("RDK_FAKEDNN_FAULTS");
  std::string plan = text ? text : "";
  if (plan.rfind("file:", 0) == 0) {
    std::ifstream file(plan.substr(5));
    if (!file) Violate("cannot read the fault plan " + plan.substr(5));
    std::ostringstream content;
    content << file.rdbuf();
    plan = content.str();
  }
  Set(plan);
}

}  // namespace fakednn

int32_t hbFakeSetFaults(const char* plan) { return plan && fakednn::Faults::Instance().Set(plan) ? 0 : -1; }
