// The handles of one subscription that JS holds, so that they can all be closed before the subscription ends.
#pragma once

#include <napi.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "common/frame_external.h"
#include "hbmem/taken_frame.h"

namespace rdk::hbmem {

// JS thread only. Holders are used again, so that a frame costs no allocation.
class FrameHandles : public std::enable_shared_from_this<FrameHandles> {
 public:
  // A tagged external that owns the frame's first reference; see common/frame_external.h.
  Napi::Value Wrap(Napi::Env env, TakenFrame* frame);
  // Closes every handle that is still open, as its owner should have.
  void CloseAll();
  // Handles that were collected without having been closed.
  uint64_t forgotten_count() const { return forgotten_count_; }

 private:
  // What the external points to. The base has to stay the only thing other addons see of it.
  struct Holder : rdk::FrameHolder {
    std::shared_ptr<FrameHandles> owner;
    size_t place = 0;
  };
  static void OnCollected(napi_env env, void* data, void* hint);

  std::vector<std::unique_ptr<Holder>> held_;
  std::vector<std::unique_ptr<Holder>> free_;
  uint64_t forgotten_count_ = 0;
};

}  // namespace rdk::hbmem
