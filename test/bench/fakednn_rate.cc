// Frames per second of fakednn with one task in flight and with two.
//
//   fakednn_rate MODEL.bin      a model of 5.5 ms core and 4.9 ms host time; exits 1 outside 96 +- 2 and 182
//   +- 3
//
// Each rate is the median of several turns, which take turns themselves, so that a busy moment spoils one of
// them.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "dnn_abi/dnn_abi.h"

namespace {

constexpr int kTurns = 5;
constexpr int kFramesPerTurn = 150;

void Check(int32_t status, const char* call) {
  if (status != 0) throw std::runtime_error(std::string(call) + ": status " + std::to_string(status));
}

// Input and outputs of a task.
class Slot {
 public:
  explicit Slot(hbDNNHandle_t model) : model_(model) {
    int32_t count = 0;
    Check(hbDNNGetOutputCount(&count, model), "hbDNNGetOutputCount");
    Check(hbDNNGetInputTensorProperties(&input_.properties, model, 0), "hbDNNGetInputTensorProperties");
    Allocate(input_);
    std::memset(input_.sysMem[0].virAddr, 0, input_.sysMem[0].memSize);
    Check(hbSysFlushMem(&input_.sysMem[0], HB_SYS_MEM_CACHE_CLEAN), "hbSysFlushMem");
    outputs_.resize(static_cast<size_t>(count));
    for (int32_t index = 0; index < count; ++index) {
      hbDNNTensor& output = outputs_[static_cast<size_t>(index)];
      Check(hbDNNGetOutputTensorProperties(&output.properties, model, index),
            "hbDNNGetOutputTensorProperties");
      Allocate(output);
    }
  }
  ~Slot() {
    hbSysFreeMem(&input_.sysMem[0]);
    for (hbDNNTensor& output : outputs_) hbSysFreeMem(&output.sysMem[0]);
  }
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;

  void Run() {
    hbDNNTaskHandle_t task = nullptr;
    hbDNNTensor* first = outputs_.data();
    hbDNNInferCtrlParam control{};
    Check(hbDNNInfer(&task, &first, &input_, model_, &control), "hbDNNInfer");
    Check(hbDNNWaitTaskDone(task, 0), "hbDNNWaitTaskDone");
    Check(hbDNNReleaseTask(task), "hbDNNReleaseTask");
    for (hbDNNTensor& output : outputs_) {
      Check(hbSysFlushMem(&output.sysMem[0], HB_SYS_MEM_CACHE_INVALIDATE), "hbSysFlushMem");
    }
  }

 private:
  static void Allocate(hbDNNTensor& tensor) {
    Check(hbSysAllocCachedMem(&tensor.sysMem[0], static_cast<uint32_t>(tensor.properties.alignedByteSize)),
          "hbSysAllocCachedMem");
  }

  hbDNNHandle_t model_;
  hbDNNTensor input_{};
  std::vector<hbDNNTensor> outputs_;
};

double FramesPerSecond(std::vector<Slot*> slots) {
  std::atomic<int> left{kFramesPerTurn};
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (Slot* const slot : slots) {
    threads.emplace_back([&left, slot] {
      while (left-- > 0) slot->Run();
    });
  }
  for (std::thread& thread : threads) thread.join();
  return kFramesPerTurn / std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double Median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + kTurns / 2, values.end());
  return values[kTurns / 2];
}

int Measure(const char* path) {
  hbPackedDNNHandle_t packed = nullptr;
  hbDNNHandle_t model = nullptr;
  const char** names = nullptr;
  int32_t count = 0;
  Check(hbDNNInitializeFromFiles(&packed, &path, 1), "hbDNNInitializeFromFiles");
  Check(hbDNNGetModelNameList(&names, &count, packed), "hbDNNGetModelNameList");
  Check(hbDNNGetModelHandle(&model, packed, names[0]), "hbDNNGetModelHandle");
  std::vector<double> with_one, with_two;
  {
    Slot first(model), second(model);
    for (int turn = 0; turn < kTurns; ++turn) {
      with_one.push_back(FramesPerSecond({&first}));
      with_two.push_back(FramesPerSecond({&first, &second}));
    }
  }
  Check(hbDNNRelease(packed), "hbDNNRelease");
  const double one = Median(with_one), two = Median(with_two);
  std::printf(
      "[{\"name\": \"one task\", \"framesPerSecond\": %.1f, \"expected\": 96},"
      " {\"name\": \"two tasks\", \"framesPerSecond\": %.1f, \"expected\": 182}]\n",
      one, two);
  return std::abs(one - 96) <= 2 && std::abs(two - 182) <= 3 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: fakednn_rate MODEL.bin\n");
    return 2;
  }
  try {
    return Measure(argv[1]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}
