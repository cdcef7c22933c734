// Runs OverdueTasks where the system refuses what a release needs: `overdue_tasks thread LIBRARY MODEL` its
// thread, while somebody waits for the releases; `overdue_tasks memory LIBRARY MODEL` its memory.
// Prints the state of the slot and whether nothing is pending.
#include "core/bpu/overdue_tasks.h"

#include <dlfcn.h>
#include <pthread.h>
#include <time.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <future>
#include <new>
#include <thread>
#include <utility>

using namespace rdk::bpu;

namespace {

// Set where the next thread, or the next memory, is to be refused.
std::atomic<bool> refuse_thread{false};
std::atomic<bool> refuse_memory{false};
// Raised when the release is about to be refused its thread, and when somebody waits for it.
std::promise<void> at_thread;
std::promise<void> in_wait;

template <typename Function>
Function* Next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

OverdueTask MakeTask(const char* library_path, const char* model_path) {
  OverdueTask task;
  task.library = DnnLibrary::Open(library_path);
  task.model = std::make_shared<DnnModel>(task.library, model_path, "");
  task.counters = std::make_shared<Counters>();
  task.slot = std::make_shared<Slot>(task.library, task.counters, *task.model, 0);
  task.table = std::make_shared<SlotTable>(1);
  task.lease = task.table->Acquire();
  task.table->Move(task.lease, SlotState::kWriting, SlotState::kReady);
  task.table->Move(task.lease, SlotState::kReady, SlotState::kRunning);
  task.table->GiveUp(task.lease, SlotState::kOverdue);
  return task;
}

}  // namespace

// Between the program and the C library: who calls these is the code under test or the C++ library for it.
extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*),
                              void* data) {
  static auto* const next = Next<decltype(pthread_create)>("pthread_create");
  if (!refuse_thread.exchange(false)) return next(thread, attributes, start, data);
  at_thread.set_value();
  in_wait.get_future().wait();
  return EAGAIN;
}

extern "C" int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock,
                                      const timespec* deadline) {
  static auto* const next = Next<decltype(pthread_cond_clockwait)>("pthread_cond_clockwait");
  // The mutex is held until the wait has begun: whoever changes what is waited for does so after that.
  in_wait.set_value();
  return next(condition, mutex, clock, deadline);
}

void* operator new(size_t bytes) {
  void* memory = refuse_memory.exchange(false) ? nullptr : std::malloc(bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

int main(int, char** arguments) {
  OverdueTask task = MakeTask(arguments[2], arguments[3]);
  const auto table = task.table;
  const auto tasks = std::make_shared<OverdueTasks>();
  bool is_over;
  if (std::strcmp(arguments[1], "thread") == 0) {
    std::thread waiter([&] {
      at_thread.get_future().wait();
      is_over = tasks->WaitUntil(std::chrono::steady_clock::now() + std::chrono::hours(1));
    });
    refuse_thread = true;
    tasks->Release(std::move(task));
    waiter.join();
  } else {
    refuse_memory = true;
    tasks->Release(std::move(task));
    is_over = tasks->WaitUntil(std::chrono::steady_clock::now());
  }
  std::printf("%s, %s\n", StateName(table->StateOf(0)), is_over ? "nothing pending" : "pending");
  return 0;
}
