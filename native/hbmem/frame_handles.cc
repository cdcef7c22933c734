#include "hbmem/frame_handles.h"

#include <utility>

namespace rdk::hbmem {

Napi::Value FrameHandles::Wrap(Napi::Env env, TakenFrame* frame) {
  if (free_.empty()) free_.push_back(std::make_unique<Holder>());
  Holder* holder = free_.back().get();
  holder->frame = frame;
  napi_value external;
  if (napi_create_external(env, static_cast<rdk::FrameHolder*>(holder), OnCollected, nullptr, &external) !=
      napi_ok) {
    holder->Close();
    throw Napi::Error::New(env);
  }
  holder->owner = shared_from_this();
  holder->place = held_.size();
  held_.push_back(std::move(free_.back()));
  free_.pop_back();
  if (napi_type_tag_object(env, external, &rdk::kFrameTag) != napi_ok) throw Napi::Error::New(env);
  return Napi::Value(env, external);
}

void FrameHandles::CloseAll() {
  for (const auto& holder : held_) holder->Close();
}

void FrameHandles::OnCollected(napi_env, void* data, void*) {
  auto* holder = static_cast<Holder*>(static_cast<rdk::FrameHolder*>(data));
  const std::shared_ptr<FrameHandles> self = std::move(holder->owner);
  if (holder->Close()) ++self->forgotten_count_;
  const size_t place = holder->place;
  self->free_.push_back(std::move(self->held_[place]));
  if (place + 1 < self->held_.size()) {
    self->held_[place] = std::move(self->held_.back());
    self->held_[place]->place = place;
  }
  self->held_.pop_back();
}

}  // namespace rdk::hbmem
