// The one exception that our native code throws on purpose, and every code it may carry.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace rdk {

// Enumerator, and the `code` that JS sees. src/native/errors.ts says which class of error each becomes; a
// test holds the two lists against each other.
#define RDK_ERROR_CODES(X)                                                                                   \
  X(kArgument, "argument")       /* The caller passed something unusable. */                                 \
  X(kNative, "native")           /* An exception that nobody expected. */                                    \
  X(kCancelled, "cancelled")     /* The environment ended before the work began. */                          \
  X(kClosed, "closed")           /* Used after it was closed: a frame, a publisher, a node. */               \
  X(kOverwritten, "overwritten") /* The publisher wrote into the frame while it was read. */                 \
  X(kLayout, "layout")           /* Sizes, strides and bytes of a picture contradict each other. */          \
  X(kPicture, "picture")         /* A compressed picture that is broken, too large or of another kind. */    \
  X(kMemory, "memory")           /* No memory for a message. */                                              \
  X(kDnnLibrary, "dnn_library")  /* libdnn cannot be loaded, lacks a symbol or is another kind. */           \
  X(kBpuModel, "bpu_model")      /* The model file or its tensors are not what this can run. */              \
  X(kBpuModelName, "bpu_model_name") /* The model file holds no model, or several, of the name asked for. */ \
  X(kBpuMemory, "bpu_memory")        /* Memory or threads for a session are refused. */                      \
  X(kSessionClosed, "session_closed")       /* The session is closed or was never opened. */                 \
  X(kTooManyInFlight, "too_many_in_flight") /* All slots are in use: a bug in the caller. */                 \
  X(kStaleLease, "stale_lease")             /* The slot belongs to another frame by now: a bug as well. */   \
  X(kBpuBusy, "bpu_busy")                   /* The task was refused: the BPU's queue is full. */             \
  X(kBpuTimeout, "bpu_timeout")             /* The task did not end in time. */                              \
  X(kBpuTask, "bpu_task")                   /* One task failed; the next may succeed. */                     \
  X(kBpuDead, "bpu_dead")                   /* The session cannot go on. */                                  \
  X(kRcl, "rcl")                            /* A function of rcl failed; `call` and `status` are its. */     \
  X(kNodeHandle, "node_handle")             /* Not a live node of rclnodejs. */                              \
  X(kTypeSupport, "type_support")           /* The C type support of a message type cannot be loaded. */     \
  X(kTypeMismatch, "type_mismatch")         /* The message type is no HbmMsg. */                             \
  X(kCapacity, "capacity")                  /* More pixels than the message holds. */                        \
  X(kSerializedForm, "serialized_form")     /* A serialised message is not little-endian CDR of its type. */

enum class ErrorCode {
#define RDK_ERROR_ENUMERATOR(name, text) name,
  RDK_ERROR_CODES(RDK_ERROR_ENUMERATOR)
#undef RDK_ERROR_ENUMERATOR
};

// In the order of the enumerators.
inline constexpr std::array kErrorCodeTexts = {
#define RDK_ERROR_TEXT(name, text) text,
    RDK_ERROR_CODES(RDK_ERROR_TEXT)
#undef RDK_ERROR_TEXT
};

inline constexpr const char* TextOf(ErrorCode code) { return kErrorCodeTexts[static_cast<size_t>(code)]; }

// One of the numbers behind a message; becomes a property of the JS error's `details`. The name is a literal.
struct ErrorDetail {
  const char* name;
  std::variant<int32_t, std::string> value;
};

// Knows no JS, so it may be thrown on any thread; `Guarded` and AsyncJob make the JS error of it.
class CodedError : public std::runtime_error {
 public:
  CodedError(ErrorCode code, const std::string& message, std::vector<ErrorDetail> details = {})
      : std::runtime_error(message),
        code_(code),
        details_(std::make_shared<const std::vector<ErrorDetail>>(std::move(details))) {}

  ErrorCode code() const { return code_; }
  const std::vector<ErrorDetail>& details() const { return *details_; }

 private:
  ErrorCode code_;
  // Shared, because the copy of an exception must not fail.
  std::shared_ptr<const std::vector<ErrorDetail>> details_;
};

// `call` of a library failed with `status`, which the message names too.
inline CodedError CallError(ErrorCode code, const std::string& message, const char* call, int32_t status) {
  return CodedError(code, message, {{"call", call}, {"status", status}});
}

// "Expected X for name but received Y": the one phrase for every rejected argument.
inline CodedError ArgumentError(const std::string& expected, const std::string& name,
                                const std::string& received, ErrorCode code = ErrorCode::kArgument) {
  return CodedError(code, "Expected " + expected + " for " + name + " but received " + received,
                    {{"name", name}, {"expected", expected}, {"received", received}});
}

}  // namespace rdk
