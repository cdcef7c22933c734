// Owns one entity of rcl: finalised once, by name or with its holder, unless it has to be leaked.
#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "common/coded_error.h"
#include "hbmem/rcl_error.h"

namespace rdk::hbmem {

template <typename Entity>
class RclEntity {
 public:
  using Finaliser = std::function<rcl_ret_t(Entity*)>;

  // `zero` is rcl's zero-initialised entity; `call` names the function that `finaliser` calls.
  RclEntity(Entity zero, const char* call, Finaliser finaliser)
      : entity_(zero), call_(call), finaliser_(std::move(finaliser)) {}
  RclEntity(const RclEntity&) = delete;
  RclEntity& operator=(const RclEntity&) = delete;
  ~RclEntity() { Finalise(); }

  // Makes the entity with the function `call` of rcl; throws what rcl said where it refused.
  template <typename Init>
  void Make(const char* call, Init&& init) {
    CheckRcl(call, init(&entity_));
    exists_ = true;
  }
  // The same where a refusal is no fault.
  template <typename Init>
  void TryMake(Init&& init) {
    exists_ = init(&entity_) == RCL_RET_OK;
    if (!exists_) rcl_reset_error();
  }

  explicit operator bool() const { return exists_; }
  Entity* get() { return &entity_; }
  const Entity* get() const { return &entity_; }
  Entity* operator->() { return &entity_; }

  // What rcl said where it refused; the entity is leaked then. Does nothing where there is none.
  std::optional<CodedError> Finalise() {
    if (!std::exchange(exists_, false)) return std::nullopt;
    const rcl_ret_t status = finaliser_(&entity_);
    if (status == RCL_RET_OK) return std::nullopt;
    return RclError(call_, status);
  }
  // For entities whose node is gone, or that others still use.
  void Leak() { exists_ = false; }

 private:
  Entity entity_;
  const char* call_;
  Finaliser finaliser_;
  bool exists_ = false;
};

}  // namespace rdk::hbmem
