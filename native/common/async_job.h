// Work on the pool of libuv that ends in a promise.
#pragma once

#include <napi.h>

#include <memory>
#include <optional>

#include "common/js_errors.h"

namespace rdk {

// One job. It is made and destroyed on the JS thread, so members may hold references to JS values; Execute
// runs on a pool thread and touches none of them.
//
// It takes the place of Napi::AsyncWorker, whose completion throws an exception through C code when a worker
// thread is terminated with jobs in flight. Here an environment that is being torn down gets no answer.
class AsyncJob {
 public:
  AsyncJob() = default;
  AsyncJob(const AsyncJob&) = delete;
  AsyncJob& operator=(const AsyncJob&) = delete;
  virtual ~AsyncJob() = default;

  static Napi::Value Start(Napi::Env env, const char* name, std::unique_ptr<AsyncJob> job) {
    napi_value promise;
    Check(env, napi_create_promise(env, &job->deferred_, &promise));
    napi_value resource_name = Napi::String::New(env, name);
    Check(env,
          napi_create_async_work(env, nullptr, resource_name, OnExecute, OnComplete, job.get(), &job->work_));
    if (napi_queue_async_work(env, job->work_) != napi_ok) {
      napi_delete_async_work(env, job->work_);
      throw Napi::Error::New(env);
    }
    // OnComplete takes it back; the environment calls it for every queued job.
    static_cast<void>(job.release());
    return Napi::Value(env, promise);
  }

 protected:
  virtual void Execute() = 0;
  virtual Napi::Value Result(Napi::Env env) = 0;

 private:
  static void Check(Napi::Env env, napi_status status) {
    if (status != napi_ok) throw Napi::Error::New(env);
  }

  static void OnExecute(napi_env, void* data) {
    auto* job = static_cast<AsyncJob*>(data);
    try {
      job->Execute();
    } catch (const CodedError& error) {
      job->error_ = error;
    } catch (const std::exception& error) {
      job->error_ = CodedError(ErrorCode::kNative, error.what());
    }
  }

  static void OnComplete(napi_env raw_env, napi_status status, void* data) {
    const std::unique_ptr<AsyncJob> job(static_cast<AsyncJob*>(data));
    const Napi::Env env(raw_env);
    const Napi::HandleScope scope(env);
    napi_delete_async_work(env, job->work_);
    if (status == napi_cancelled) {
      job->error_ = CodedError(ErrorCode::kCancelled, "The environment is shutting down");
    }
    try {
      if (job->error_) {
        napi_reject_deferred(env, job->deferred_, JsErrorOf(env, *job->error_).Value());
      } else {
        napi_resolve_deferred(env, job->deferred_, job->Result(env));
      }
    } catch (const Napi::Error&) {
      // No JS value can be made any more: the environment is being torn down and nobody waits.
    }
  }

  napi_async_work work_ = nullptr;
  napi_deferred deferred_ = nullptr;
  std::optional<CodedError> error_;
};

}  // namespace rdk
