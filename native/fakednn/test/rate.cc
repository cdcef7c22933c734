// Frames per second of the stand-in with one task and with two: 5.5 ms of core and 4.9 ms of host per task.
//
//   fakednn_rate MODEL.bin      exits 1 outside 96 +- 2 and 182 +- 3
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "dnn_abi/dnn_abi.h"

namespace {

constexpr int kFrames = 400;

void Check(int32_t status, const char* what) {
  if (status == 0) return;
  std::fprintf(stderr, "%s: status %d\n", what, status);
  std::exit(2);
}

void Work(hbDNNHandle_t model, std::atomic<int>& left) {
  int32_t count = 0;
  Check(hbDNNGetOutputCount(&count, model), "hbDNNGetOutputCount");
  hbDNNTensor input = {};
  std::vector<hbDNNTensor> outputs(count);
  Check(hbDNNGetInputTensorProperties(&input.properties, model, 0), "hbDNNGetInputTensorProperties");
  const auto input_bytes = static_cast<uint32_t>(input.properties.alignedByteSize);
  Check(hbSysAllocCachedMem(&input.sysMem[0], input_bytes), "hbSysAllocCachedMem");
  std::memset(input.sysMem[0].virAddr, 0, input_bytes);
  Check(hbSysFlushMem(&input.sysMem[0], HB_SYS_MEM_CACHE_CLEAN), "hbSysFlushMem");
  for (int i = 0; i < count; i++) {
    Check(hbDNNGetOutputTensorProperties(&outputs[i].properties, model, i), "hbDNNGetOutputTensorProperties");
    Check(hbSysAllocCachedMem(&outputs[i].sysMem[0], outputs[i].properties.alignedByteSize),
          "hbSysAllocCachedMem");
  }
  while (left-- > 0) {
    hbDNNTaskHandle_t task = nullptr;
    hbDNNTensor* first = outputs.data();
    hbDNNInferCtrlParam control = {};
    Check(hbDNNInfer(&task, &first, &input, model, &control), "hbDNNInfer");
    Check(hbDNNWaitTaskDone(task, 0), "hbDNNWaitTaskDone");
    Check(hbDNNReleaseTask(task), "hbDNNReleaseTask");
  }
  for (hbDNNTensor& output : outputs) Check(hbSysFreeMem(&output.sysMem[0]), "hbSysFreeMem");
  Check(hbSysFreeMem(&input.sysMem[0]), "hbSysFreeMem");
}

double FramesPerSecond(hbDNNHandle_t model, int threads) {
  std::atomic<int> left{kFrames};
  std::vector<std::thread> workers;
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < threads; i++) workers.emplace_back([&] { Work(model, left); });
  for (std::thread& worker : workers) worker.join();
  return kFrames / std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: fakednn_rate MODEL.bin\n");
    return 2;
  }
  const char* file = argv[1];
  const char** names = nullptr;
  int32_t count = 0;
  hbPackedDNNHandle_t packed = nullptr;
  hbDNNHandle_t model = nullptr;
  Check(hbDNNInitializeFromFiles(&packed, &file, 1), "hbDNNInitializeFromFiles");
  Check(hbDNNGetModelNameList(&names, &count, packed), "hbDNNGetModelNameList");
  Check(hbDNNGetModelHandle(&model, packed, names[0]), "hbDNNGetModelHandle");
  const double one = FramesPerSecond(model, 1);
  const double two = FramesPerSecond(model, 2);
  Check(hbDNNRelease(packed), "hbDNNRelease");
  std::printf("one task %.1f frames/s (expected 96 +- 2), two tasks %.1f (expected 182 +- 3)\n", one, two);
  return std::abs(one - 96) <= 2 && std::abs(two - 182) <= 3 ? 0 : 1;
}
