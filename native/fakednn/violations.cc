#include "fakednn/violations.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>

#include "fakednn/fakednn.h"
#include "fakednn/faults.h"
#include "fakednn/memory.h"
#include "fakednn/scheduler.h"
#include "fakednn/tasks.h"

namespace fakednn {
namespace {

struct Log {
  std::mutex mutex;
  int32_t count = 0;
  std::string text;
  std::string borrowed;
};

// Never destroyed: violations are also found at exit.
Log& TheLog() {
  static Log& log = *new Log;
  return log;
}

}  // namespace

void Violate(const std::string& text) {
  Log& log = TheLog();
  {
    std::lock_guard<std::mutex> lock(log.mutex);
    log.count++;
    log.text += text + "\n";
  }
  std::fprintf(stderr, "[fakednn] violation: %s\n", text.c_str());
  const char* strict = std::getenv("RDK_FAKEDNN_STRICT");
  if (strict && std::strcmp(strict, "1") == 0) std::abort();
}

}  // namespace fakednn

int32_t hbFakeViolationCount() {
  fakednn::Log& log = fakednn::TheLog();
  std::lock_guard<std::mutex> lock(log.mutex);
  return log.count;
}

const char* hbFakeViolationText() {
  fakednn::Log& log = fakednn::TheLog();
  std::lock_guard<std::mutex> lock(log.mutex);
  log.borrowed = log.text;
  return log.borrowed.c_str();
}

void hbFakeReset() {
  fakednn::Log& log = fakednn::TheLog();
  {
    std::lock_guard<std::mutex> lock(log.mutex);
    log.count = 0;
    log.text.clear();
  }
  fakednn::ResetMemoryCounters();
  fakednn::ResetTaskCounters();
  fakednn::Scheduler::Instance().ResetTimes();
  fakednn::Faults::Instance().Reload();
}

void hbFakeGetCounters(hbFakeCounters* counters) {
  *counters = {};
  fakednn::CountMemory(*counters);
  fakednn::CountTasks(*counters);
}
