#include "fakednn/infer_rules.h"

#include <cstring>

#include "fakednn/input_pixels.h"

namespace rdk::fakednn {
namespace {

constexpr char kCall[] = "hbDNNInfer";

bool IsSame(const hbDNNTensorShape& a, const hbDNNTensorShape& b) {
  return a.numDimensions == b.numDimensions &&
         std::memcmp(a.dimensionSize, b.dimensionSize,
                     sizeof(int32_t) * static_cast<size_t>(a.numDimensions)) == 0;
}

bool IsSameBesideShapeAndType(const hbDNNTensorProperties& a, const hbDNNTensorProperties& b) {
  return IsSame(a.validShape, b.validShape) && a.tensorLayout == b.tensorLayout &&
         a.quantiType == b.quantiType && a.quantizeAxis == b.quantizeAxis &&
         a.alignedByteSize == b.alignedByteSize && std::memcmp(a.stride, b.stride, sizeof a.stride) == 0 &&
         a.scale.scaleLen == b.scale.scaleLen;
}

class TensorRules {
 public:
  TensorRules(State& state, Task& task) : state_(state), task_(task) {}

  void AddInput(const TensorText& text, const hbDNNTensor& tensor) {
    const std::string what = "input " + text.name;
    const hbDNNTensorProperties& given = tensor.properties;
    const hbDNNTensorProperties own = text.Properties();
    const bool is_type_kept =
        given.tensorType == own.tensorType || (IsNv12(given.tensorType) && IsNv12(own.tensorType));
    Expect(IsSameBesideShapeAndType(given, own) && is_type_kept,
           what + " has changed properties; only alignedShape and NV12 or NV12_SEPARATE may change");
    if (!is_type_kept || given.alignedShape.numDimensions != own.validShape.numDimensions ||
        !IsSame(given.validShape, own.validShape)) {
      throw Refusal{HB_DNN_INVALID_ARGUMENT};
    }
    for (int axis = 0; axis < own.validShape.numDimensions; ++axis) {
      if (given.alignedShape.dimensionSize[axis] < own.validShape.dimensionSize[axis]) {
        state_.violations.Report(std::string(kCall) + ": " + what +
                                 " has an alignedShape below its validShape");
        throw Refusal{HB_DNN_INVALID_ARGUMENT};
      }
    }
    if (IsNv12(given.tensorType)) CheckNv12(what, given);
    std::vector<Range> memory;
    std::vector<size_t> sizes = InputSizes(given);
    // Data laid out as the model has it must be as long as the model says.
    if (sizes.size() == 1 && IsSame(given.alignedShape, own.alignedShape)) {
      sizes[0] = std::max(sizes[0], static_cast<size_t>(std::max(own.alignedByteSize, 0)));
    }
    for (size_t plane = 0; plane < sizes.size(); ++plane) {
      const hbSysMem& part = tensor.sysMem[plane];
      const Range range = state_.memory.Find(kCall, what, part, sizes[plane]);
      Expect(part.phyAddr % 16 == 0, what + " lies at a physical address that is no multiple of 16");
      Expect(range.block->IsCoherent(range.offset, range.size), what + " was written and not CLEANed");
      Use(what, range, task_.inputs);
      memory.push_back(range);
    }
    packed_.push_back(PackedInput(given, memory));
  }

  void AddOutput(const TensorText& text, const hbDNNTensor& tensor) {
    const std::string what = "output " + text.name;
    const hbDNNTensorProperties own = text.Properties();
    Expect(IsSameBesideShapeAndType(tensor.properties, own) &&
               IsSame(tensor.properties.alignedShape, own.alignedShape) &&
               tensor.properties.tensorType == own.tensorType,
           what + " has changed properties");
    const auto size = static_cast<size_t>(std::max(own.alignedByteSize, 0));
    Use(what, state_.memory.Find(kCall, what, tensor.sysMem[0], size), task_.outputs);
  }

  // Inputs of several tensors are one after the other.
  void Answer() {
    Bytes all = std::move(packed_.front());
    for (size_t at = 1; at < packed_.size(); ++at)
      all.insert(all.end(), packed_[at].begin(), packed_[at].end());
    Recordings& recordings = task_.model->recordings;
    task_.answer = recordings.For(all);
    if (task_.answer != nullptr) return;
    state_.violations.Report(std::string(kCall) + ": " + task_.model->text.name +
                             " has no recording of this input; the outputs are poison");
    task_.answer = recordings.Poison();
  }

 private:
  void Expect(bool is_kept, const std::string& breach) {
    if (!is_kept) state_.violations.Report(std::string(kCall) + ": " + breach);
  }

  void CheckNv12(const std::string& what, const hbDNNTensorProperties& given) {
    if (given.validShape.numDimensions != 4) throw Refusal{HB_DNN_INVALID_ARGUMENT};
    const int32_t height = given.validShape.dimensionSize[2];
    const int32_t width = given.validShape.dimensionSize[3];
    Expect(height % 2 == 0 && width % 2 == 0, what + " is NV12 of " + std::to_string(width) + "x" +
                                                  std::to_string(height) + "; expected even sizes");
    Expect(PitchOf(given) % 16 == 0,
           what + " has a pitch of " + std::to_string(PitchOf(given)) + " bytes; expected a multiple of 16");
  }

  void Use(const std::string& what, const Range& range, std::vector<Range>& uses) {
    Expect(!state_.device.IsUsing(range), what + " is in memory that another task uses");
    for (const std::vector<Range>* own : {&task_.inputs, &task_.outputs}) {
      for (const Range& other : *own)
        Expect(!other.Overlaps(range), what + " shares memory with another tensor");
    }
    uses.push_back(range);
  }

  State& state_;
  Task& task_;
  std::vector<Bytes> packed_;
};

}  // namespace

std::shared_ptr<Task> CheckedTask(State& state, const std::shared_ptr<Model>& model,
                                  const hbDNNTensor* inputs, const hbDNNTensor* outputs) {
  auto task = std::make_shared<Task>();
  task->model = model;
  TensorRules rules(state, *task);
  for (size_t at = 0; at < model->text.inputs.size(); ++at)
    rules.AddInput(model->text.inputs[at], inputs[at]);
  for (size_t at = 0; at < model->text.outputs.size(); ++at)
    rules.AddOutput(model->text.outputs[at], outputs[at]);
  rules.Answer();
  return task;
}

}  // namespace rdk::fakednn
