// The CPU time of the calling thread, which Node does not tell: process.cpuUsage() adds up the threads of the
// compiler and the garbage collector. Built by compile.mjs.
#include <node_api.h>
#include <time.h>

namespace {

napi_value ThreadCpuMs(napi_env env, napi_callback_info) {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  napi_value result = nullptr;
  napi_create_double(env, static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6,
                     &result);
  return result;
}

}  // namespace

NAPI_MODULE_INIT() {
  napi_value function = nullptr;
  napi_create_function(env, "threadCpuMs", NAPI_AUTO_LENGTH, ThreadCpuMs, nullptr, &function);
  napi_set_named_property(env, exports, "threadCpuMs", function);
  return exports;
}
