#include "fakednn/state.h"

#include <cstdio>
#include <cstdlib>
#include <sstream>

namespace rdk::fakednn {
namespace {

constexpr char kMarch[] = "bayes-e";

std::string Environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

int64_t Nanoseconds(double ms, const char* override_name) {
  const std::string other = Environment(override_name);
  return static_cast<int64_t>((other.empty() ? ms : std::strtod(other.c_str(), nullptr)) * 1e6);
}

}  // namespace

State& State::Get() {
  static State& state = *std::make_unique<State>().release();
  return state;
}

void State::CheckEnd() {
  const std::lock_guard<std::mutex> lock(mutex);
  const size_t count = device.count();
  if (count > 0)
    violations.Report("the process ends with tasks that were not released: " + std::to_string(count));
}

State::State() : violations(Environment("RDK_FAKEDNN_STRICT") == "1"), memory(violations) {
  // The vendor's library takes its engine down then.
  std::atexit([] { Get().CheckEnd(); });
  std::istringstream rules(Environment("RDK_FAKEDNN_FAULTS"));
  const std::string random = Environment("RDK_FAKEDNN_RANDOM_FAULTS");
  try {
    for (std::string rule; std::getline(rules, rule, ';');) environment_.Add(rule);
    if (!random.empty()) environment_.SetRandom(random);
  } catch (const std::invalid_argument& error) {
    // Nothing would be tested with half a plan.
    std::fprintf(stderr, "[fakednn] RDK_FAKEDNN_FAULTS, RDK_FAKEDNN_RANDOM_FAULTS: %s\n", error.what());
    std::abort();
  }
}

std::optional<Fault> State::NextFault(const std::string& call, FaultPlan* plan) {
  std::optional<Fault> fault = environment_.Next(call);
  FaultPlan* const other = plan != nullptr ? plan : last_loaded_.get();
  if (other != nullptr) {
    const std::optional<Fault> second = other->Next(call);
    if (!fault.has_value()) fault = second;
  }
  return fault;
}

void State::MayFail(const std::string& call, FaultPlan* plan) {
  const std::optional<Fault> fault = NextFault(call, plan);
  if (fault.has_value()) throw Refusal{fault->status};
}

void* State::NewHandle() {
  next_handle_ += 0x10;
  return reinterpret_cast<void*>(next_handle_);
}

void State::Load(PackedModel& target, const std::string& text, const std::string& recording) {
  ModelFile file = ParseModelFile(text);
  auto faults = std::make_shared<FaultPlan>();
  try {
    for (const std::string& rule : file.faults) faults->Add(rule);
    if (!file.random_faults.empty()) faults->SetRandom(file.random_faults);
  } catch (const std::invalid_argument& error) {
    throw ModelTextError(error.what());
  }
  last_loaded_ = faults;
  if (file.march != kMarch) {
    Explain("hbDNNInitializeFromFiles", "march " + file.march + "; expected " + kMarch);
    throw Refusal{HB_DNN_INCOMPATIBLE_MODEL};
  }
  for (ModelText& model_text : file.models) {
    auto model = std::make_shared<Model>(std::move(model_text), recording);
    model->core_ns = Nanoseconds(file.core_ms, "RDK_FAKEDNN_CORE_MS");
    model->host_ns = Nanoseconds(file.host_ms, "RDK_FAKEDNN_HOST_MS");
    model->faults = faults;
    void* const handle = NewHandle();
    target.handles.push_back(handle);
    target.names.push_back(model->text.name.c_str());
    models.emplace(handle, std::move(model));
  }
  target.faults = std::move(faults);
}

std::shared_ptr<Model> State::ModelOf(void* handle) const {
  const auto found = models.find(handle);
  if (found == models.end()) throw Refusal{HB_DNN_INVALID_DNN_HANDLE};
  return found->second;
}

void Explain(const char* call, const std::string& why) {
  std::fprintf(stderr, "[fakednn] %s: %s\n", call, why.c_str());
}

}  // namespace rdk::fakednn
