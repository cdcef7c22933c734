// What only fakednn has, and the version that gives it away.
#include "dnn_abi/dnn_abi.h"
#include "fakednn/fakednn.h"
#include "fakednn/state.h"

using namespace rdk::fakednn;

const char* hbDNNGetVersion() {
  // Whoever asks next in this thread gets another text.
  thread_local std::string text;
  State& state = State::Get();
  const std::lock_guard<std::mutex> lock(state.mutex);
  text = "fakednn, no BPU: memory " + std::to_string(state.memory.count()) + " tasks " +
         std::to_string(state.device.count()) + " models " + std::to_string(state.packed.size()) +
         " violations " + std::to_string(state.violations.count());
  return text.c_str();
}

int64_t hbFakeViolationCount() {
  State& state = State::Get();
  const std::lock_guard<std::mutex> lock(state.mutex);
  return state.violations.count();
}

const char* hbFakeViolationText(int64_t index) {
  State& state = State::Get();
  const std::lock_guard<std::mutex> lock(state.mutex);
  return state.violations.TextOf(index);
}

int32_t hbFakeGetHeld(hbFakeHeld* held) {
  return Call("hbFakeGetHeld", [&](State& state, Entry&) -> int32_t {
    *held = {static_cast<int64_t>(state.memory.count()), static_cast<int64_t>(state.device.count()),
             static_cast<int64_t>(state.packed.size())};
    return HB_DNN_SUCCESS;
  });
}

int32_t hbFakeGetTaskTimes(hbFakeTimes* times, void* handle) {
  return Call("hbFakeGetTaskTimes", [&](State& state, Entry&) -> int32_t {
    const std::shared_ptr<Task> task = state.device.Find(handle);
    if (task == nullptr) throw Refusal{HB_DNN_INVALID_TASK_HANDLE};
    const auto known = [](int64_t ns) { return ns == kNever ? -1 : ns; };
    const Job& job = *task->job;
    *times = {job.submitted_ns, known(job.core_start_ns), known(job.core_end_ns), known(job.done_ns)};
    return HB_DNN_SUCCESS;
  });
}
