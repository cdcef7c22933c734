// Work on the pool of libuv that ends in a promise.
#pragma once

#include <napi.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/errors.h"

namespace rdk {

// One of the `details` of an error. Texts are literals.
struct JobDetail {
  const char* name;
  std::variant<int32_t, const char*> value;
};

// What a job throws on the pool thread; becomes a JS Error with the `code`, and with `details` where there
// are any.
class JobError : public std::runtime_error {
 public:
  JobError(const char* code, const std::string& message, std::vector<JobDetail> details = {})
      : std::runtime_error(message), code_(code), details_(std::move(details)) {}
  const char* code() const { return code_; }
  const std::vector<JobDetail>& details() const { return details_; }

 private:
  const char* code_;
  std::vector<JobDetail> details_;
};

// One job. It is made and destroyed on the JS thread, so members may hold references to JS values; Execute
// runs on a pool thread and touches none of them.
//
// Napi::AsyncWorker would do but for one thing: when a worker thread is terminated with jobs in flight, its
// completion throws through C code. Here an environment that is going away simply gets no answer.
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
    job.release();  // OnComplete takes it back; the environment calls it for every queued job.
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
    } catch (const JobError& error) {
      job->Fail(error.code(), error.what());
      job->error_details_ = error.details();
    } catch (const std::exception& error) {
      job->Fail("native", error.what());
    }
  }

  void Fail(const char* code, const char* message) {
    error_code_ = code;
    error_message_ = message;
  }

  Napi::Error Failure(Napi::Env env) const {
    Napi::Error error = CodedError(env, error_code_, error_message_);
    if (error_details_.empty()) return error;
    Napi::Object details = Napi::Object::New(env);
    for (const auto& [name, value] : error_details_) {
      std::visit([&details, key = name](const auto& one) { details.Set(key, one); }, value);
    }
    error.Set("details", details);
    return error;
  }

  static void OnComplete(napi_env raw_env, napi_status status, void* data) {
    const std::unique_ptr<AsyncJob> job(static_cast<AsyncJob*>(data));
    const Napi::Env env(raw_env);
    const Napi::HandleScope scope(env);
    napi_delete_async_work(env, job->work_);
    if (status == napi_cancelled) job->Fail("cancelled", "The environment is shutting down");
    try {
      if (job->error_code_ == nullptr) {
        napi_resolve_deferred(env, job->deferred_, job->Result(env));
      } else {
        napi_reject_deferred(env, job->deferred_, job->Failure(env).Value());
      }
    } catch (const Napi::Error&) {
      // No JS value can be made any more: the environment is being torn down and nobody waits.
    }
  }

  napi_async_work work_ = nullptr;
  napi_deferred deferred_ = nullptr;
  const char* error_code_ = nullptr;
  std::string error_message_;
  std::vector<JobDetail> error_details_;
};

}  // namespace rdk
