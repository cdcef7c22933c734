#include "hbmem/taken_frame.h"

#include <rcutils/allocator.h>

#include <utility>

#include "hbmem/rcl_error.h"

namespace rdk::hbmem {

SerializedBuffer::SerializedBuffer(size_t bytes) : array_(rcutils_get_zero_initialized_uint8_array()) {
  const rcutils_allocator_t allocator = rcutils_get_default_allocator();
  if (rcutils_uint8_array_init(&array_, bytes, &allocator) != RCUTILS_RET_OK) {
    throw CodedError(ErrorCode::kMemory,
                     "no memory for a serialised message of " + std::to_string(bytes) + " bytes");
  }
}

SerializedBuffer::~SerializedBuffer() {
  if (rcutils_uint8_array_fini(&array_) != RCUTILS_RET_OK) rcutils_reset_error();
}

TakenFrame* FramePool::AcquireFrame() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (free_frames_.empty()) {
    frames_.push_back(std::make_unique<TakenFrame>());
    // Room for all of them, so that giving one back cannot fail.
    free_frames_.reserve(frames_.size());
    free_frames_.push_back(frames_.back().get());
  }
  TakenFrame* frame = free_frames_.back();
  free_frames_.pop_back();
  frame->references.store(1, std::memory_order_relaxed);
  return frame;
}

void FramePool::RecycleFrame(TakenFrame* frame) {
  const std::lock_guard<std::mutex> lock(mutex_);
  free_frames_.push_back(frame);
}

std::unique_ptr<SerializedBuffer> FramePool::AcquireBuffer(size_t bytes) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!free_buffers_.empty()) {
      auto buffer = std::move(free_buffers_.back());
      free_buffers_.pop_back();
      return buffer;
    }
  }
  return std::make_unique<SerializedBuffer>(bytes);
}

void FramePool::RecycleBuffer(std::unique_ptr<SerializedBuffer> buffer) {
  const std::lock_guard<std::mutex> lock(mutex_);
  free_buffers_.push_back(std::move(buffer));
}

}  // namespace rdk::hbmem
