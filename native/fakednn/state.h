// Everything the library knows, and the way in: one lock, faults on purpose, statuses for exceptions.
#pragma once

#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <string>

#include "fakednn/clock.h"
#include "fakednn/device.h"
#include "fakednn/faults.h"
#include "fakednn/memory.h"
#include "fakednn/model.h"
#include "fakednn/refusal.h"
#include "fakednn/violations.h"

namespace rdk::fakednn {

class State {
 public:
  // Lives until the process ends: threads may be inside a call then.
  static State& Get();

  State();

  // Throws Refusal with an injected status. `plan`: of the model a call names; else of the file loaded last.
  void MayFail(const std::string& call, FaultPlan* plan = nullptr);
  std::optional<Fault> NextFault(const std::string& call, FaultPlan* plan = nullptr);

  // Adds the models of a file, which answer from the recording in this folder (empty: none). Throws Refusal,
  // and ModelTextError for what is no model of ours.
  void Load(PackedModel& target, const std::string& text, const std::string& recording);
  std::shared_ptr<Model> ModelOf(void* handle) const;
  // When the process ends.
  void CheckEnd();

  std::mutex mutex;
  Violations violations;
  Memory memory;
  Device device;
  // By handle.
  std::map<void*, PackedModel> packed;
  std::map<void*, std::shared_ptr<Model>> models;
  void* NewHandle();

 private:
  FaultPlan environment_;
  std::shared_ptr<FaultPlan> last_loaded_;
  uint64_t next_handle_ = 0x8;
};

// Prints why a call was refused where its status does not say enough.
void Explain(const char* call, const std::string& why);

// What the body of a call is given.
struct Entry {
  CallClock clock;
  std::unique_lock<std::mutex> lock;
};

// Runs the body of a call under the lock, with the device caught up: body(State&, Entry&) -> status.
template <typename Body>
int32_t Call(const char* call, Body&& body) {
  Entry entry;
  State& state = State::Get();
  entry.lock = std::unique_lock<std::mutex>(state.mutex);
  try {
    state.device.Advance(NowNs());
    return body(state, entry);
  } catch (const Refusal& refusal) {
    return refusal.status;
  } catch (const ModelTextError& error) {
    Explain(call, error.what());
    return HB_DNN_INVALID_MODEL;
  } catch (const std::bad_alloc&) {
    return HB_DNN_OUT_OF_MEMORY;
  } catch (const std::exception& error) {
    Explain(call, error.what());
    return HB_DNN_API_USE_ERROR;
  }
}

}  // namespace rdk::fakednn
