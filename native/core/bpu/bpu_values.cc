#include "core/bpu/bpu_values.h"

#include <string>
#include <utility>
#include <vector>

#include "common/coded_error.h"
#include "core/bpu/vendor_status.h"

namespace rdk::bpu {
namespace {

Napi::Array ListOf(Napi::Env env, const int32_t* values, int count) {
  Napi::Array list = Napi::Array::New(env, static_cast<size_t>(count));
  for (int index = 0; index < count; ++index) list.Set(static_cast<uint32_t>(index), values[index]);
  return list;
}

template <typename Value>
Napi::Array ListOf(Napi::Env env, const std::vector<Value>& values) {
  Napi::Array list = Napi::Array::New(env, values.size());
  for (size_t index = 0; index < values.size(); ++index) {
    list.Set(static_cast<uint32_t>(index), values[index]);
  }
  return list;
}

Napi::Object DescribeTensor(Napi::Env env, const TensorInfo& tensor) {
  const hbDNNTensorProperties& p = tensor.properties;
  Napi::Object object = Napi::Object::New(env);
  object.Set("name", tensor.name);
  object.Set("type", TypeName(p.tensorType));
  object.Set("dims", ListOf(env, p.validShape.dimensionSize, p.validShape.numDimensions));
  object.Set("strideBytes", ListOf(env, p.stride, p.validShape.numDimensions));
  object.Set("sizeBytes", p.alignedByteSize);
  object.Set("quantiType", static_cast<int32_t>(p.quantiType));
  object.Set("quantizeAxis", p.quantizeAxis);
  object.Set("scales", ListOf(env, tensor.scales));
  object.Set("zeroPoints", ListOf(env, tensor.zero_points));
  Napi::Array shifts = Napi::Array::New(env, tensor.shifts.size());
  for (size_t index = 0; index < tensor.shifts.size(); ++index) {
    shifts.Set(static_cast<uint32_t>(index), static_cast<int32_t>(tensor.shifts[index]));
  }
  object.Set("shifts", shifts);
  return object;
}

}  // namespace

Napi::BigInt BigIntOf(Napi::Env env, const void* address) {
  return Napi::BigInt::New(env, static_cast<uint64_t>(reinterpret_cast<uintptr_t>(address)));
}

Napi::Object DescribeSession(Napi::Env env, const BpuSession& session) {
  const DnnModel& model = session.model();
  Napi::Object input = Napi::Object::New(env);
  input.Set("name", model.input().name);
  input.Set("form", model.input_layout().form == InputForm::kNv12 ? "nv12" : "rgb");
  input.Set("widthPx", model.input_layout().width_px);
  input.Set("heightPx", model.input_layout().height_px);
  input.Set("pitchBytes", model.input_layout().pitch_bytes);
  input.Set("sizeBytes", model.input().properties.alignedByteSize);
  Napi::Array outputs = Napi::Array::New(env, model.outputs().size());
  for (size_t index = 0; index < model.outputs().size(); ++index) {
    outputs.Set(static_cast<uint32_t>(index), DescribeTensor(env, model.outputs()[index]));
  }
  Napi::Object object = Napi::Object::New(env);
  object.Set("id", session.id());
  object.Set("libraryPath", session.library().path());
  object.Set("libraryVersion", session.library().version());
  object.Set("modelName", model.name());
  object.Set("modelNames", ListOf(env, model.names()));
  object.Set("input", input);
  object.Set("outputs", outputs);
  return object;
}

Napi::Object DescribeReport(Napi::Env env, const CloseReport& report) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("isDrained", report.is_drained);
  object.Set("heldBytes", static_cast<double>(report.held_bytes));
  object.Set("quarantinedSlots", report.quarantined_slots);
  object.Set("quarantinedBytes", static_cast<double>(report.quarantined_bytes));
  object.Set("failedFrees", static_cast<double>(report.failed_frees));
  object.Set("isModelKept", report.is_model_kept);
  object.Set("releaseStatus", report.release_status == 0
                                  ? std::string()
                                  : DescribeStatus("hbDNNRelease", report.release_status));
  return object;
}

Napi::Object DescribeTrial(Napi::Env env, const ReleaseTrial& trial) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("isCoherent", trial.is_coherent);
  object.Set("wasRunning", trial.was_running);
  object.Set("ranMs", trial.ran_ms);
  object.Set("releaseMs", trial.release_ms);
  object.Set("outputs", trial.outputs);
  object.Set("whole", trial.whole);
  object.Set("untouched", trial.untouched);
  object.Set("changed", trial.changed);
  return object;
}

Napi::Object DescribeState(Napi::Env env, const BpuSession& session) {
  const Counters& counters = session.counters();
  const std::pair<const char*, const std::atomic<uint64_t>*> entries[] = {
      {"allocations", &counters.allocations},
      {"allocatedBytes", &counters.allocated_bytes},
      {"frees", &counters.frees},
      {"failedFrees", &counters.failed_frees},
      {"cleans", &counters.cleans},
      {"invalidates", &counters.invalidates},
      {"sourceReads", &counters.source_reads},
      {"previewReads", &counters.preview_reads},
      {"inputWrites", &counters.input_writes},
      {"tasksSubmitted", &counters.tasks_submitted},
      {"tasksReleased", &counters.tasks_released},
      {"tasksDone", &counters.tasks_done},
      {"tasksRefused", &counters.tasks_refused},
      {"tasksFailed", &counters.tasks_failed},
      {"tasksTimedOut", &counters.tasks_timed_out}};
  Napi::Object counts = Napi::Object::New(env);
  for (const auto& [name, value] : entries) counts.Set(name, static_cast<double>(value->load()));
  const std::vector<std::shared_ptr<Slot>> all = session.Slots();
  Napi::Array slots = Napi::Array::New(env, all.size());
  for (size_t index = 0; index < all.size(); ++index) {
    const Slot& slot = *all[index];
    Napi::Object entry = Napi::Object::New(env);
    entry.Set("state", StateName(session.table()->StateOf(static_cast<int>(index))));
    entry.Set("inputAddress", BigIntOf(env, slot.input_tensor.sysMem[0].virAddr));
    Napi::Array addresses = Napi::Array::New(env, slot.output_tensors.size());
    for (size_t at = 0; at < slot.output_tensors.size(); ++at) {
      addresses.Set(static_cast<uint32_t>(at), BigIntOf(env, slot.output_tensors[at].sysMem[0].virAddr));
    }
    entry.Set("outputAddresses", addresses);
    slots.Set(static_cast<uint32_t>(index), entry);
  }
  Napi::Object object = Napi::Object::New(env);
  object.Set("counters", counts);
  object.Set("slots", slots);
  object.Set("slotsInUse", session.table()->InUse());
  object.Set("slotsOverdue", session.table()->Overdue());
  object.Set("slotsQuarantined", session.table()->Quarantined());
  return object;
}

}  // namespace rdk::bpu
