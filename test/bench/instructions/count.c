// A plugin of QEMU's user-mode emulation: counts the instructions of each thread of the emulated program, and tells the
// count of the calling thread at each write of 100,000 bytes, one line each; frames.mjs makes such writes as marks.
//   cc -shared -fPIC -O2 -o count.so count.c; qemu-aarch64 -d plugin -D LOG -plugin ./count.so PROGRAM
// Declared here is what it uses of version 1 of the interface.
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef uint64_t PluginId;
struct qemu_plugin_tb;
struct qemu_info_t;
typedef void (*ExecutedCallback)(unsigned int thread, void* data);
typedef void (*TranslatedCallback)(PluginId id, struct qemu_plugin_tb* block);
typedef void (*SyscallCallback)(PluginId id, unsigned int thread, int64_t number, uint64_t a1, uint64_t a2,
                                uint64_t a3, uint64_t a4, uint64_t a5, uint64_t a6, uint64_t a7, uint64_t a8);

void qemu_plugin_register_vcpu_tb_trans_cb(PluginId id, TranslatedCallback callback);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb* block, ExecutedCallback callback, int registers,
                                          void* data);
void qemu_plugin_register_vcpu_syscall_cb(PluginId id, SyscallCallback callback);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb* block);
void qemu_plugin_outs(const char* text);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

enum { kThreads = 256, kWriteOnArm64 = 64, kMarkBytes = 100000 };
static uint64_t counts[kThreads];

static void OnExecuted(unsigned int thread, void* data) { counts[thread % kThreads] += (uintptr_t)data; }

static void OnTranslated(PluginId id, struct qemu_plugin_tb* block) {
  (void)id;
  const uintptr_t size = qemu_plugin_tb_n_insns(block);
  qemu_plugin_register_vcpu_tb_exec_cb(block, OnExecuted, 0, (void*)size);
}

static void OnSyscall(PluginId id, unsigned int thread, int64_t number, uint64_t a1, uint64_t a2, uint64_t a3,
                      uint64_t a4, uint64_t a5, uint64_t a6, uint64_t a7, uint64_t a8) {
  (void)id, (void)a1, (void)a2, (void)a4, (void)a5, (void)a6, (void)a7, (void)a8;
  if (number != kWriteOnArm64 || a3 != kMarkBytes) return;
  char line[64];
  snprintf(line, sizeof line, "%" PRIu64 "\n", counts[thread % kThreads]);
  qemu_plugin_outs(line);
}

__attribute__((visibility("default"))) int qemu_plugin_install(PluginId id, const struct qemu_info_t* info,
                                                               int argc, char** argv) {
  (void)info, (void)argc, (void)argv;
  qemu_plugin_register_vcpu_tb_trans_cb(id, OnTranslated);
  qemu_plugin_register_vcpu_syscall_cb(id, OnSyscall);
  return 0;
}
