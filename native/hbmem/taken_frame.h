// A frame taken from the subscription, and the pool such frames come from.
#pragma once

#include <rcutils/types/uint8_array.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "common/coded_error.h"
#include "common/frame.h"
#include "hbmem/message_layout.h"
#include "hbmem/segment_view.h"

namespace rdk::hbmem {

class SubscriptionCore;

// A buffer for one serialised message, where the middleware cannot loan messages.
class SerializedBuffer {
 public:
  explicit SerializedBuffer(size_t bytes);
  SerializedBuffer(const SerializedBuffer&) = delete;
  SerializedBuffer& operator=(const SerializedBuffer&) = delete;
  ~SerializedBuffer();
  rcutils_uint8_array_t* get() { return &array_; }
  const uint8_t* data() const { return array_.buffer; }
  size_t size_bytes() const { return array_.buffer_length; }

 private:
  rcutils_uint8_array_t array_;
};

struct TakenFrame : rdk::Frame {
  // Keeps the subscription alive as long as the frame is out.
  std::shared_ptr<SubscriptionCore> owner;
  // Exactly one of the three holds the pixels: shared memory of the publisher, a copy held in the middleware,
  // or a serialised copy of ours.
  std::shared_ptr<const SegmentView> segment;
  void* loan = nullptr;
  std::unique_ptr<SerializedBuffer> buffer;

  const uint8_t* pixels = nullptr;
  size_t capacity_bytes = 0;
  FrameHeader header;
  // Views of the frame's own memory; frame_id is empty where the type has none.
  std::string_view encoding;
  std::string_view frame_id;
  // Why the message cannot be read; nothing else is known of it then.
  std::optional<CodedError> fault;
  // Frames that were taken since the one JS saw last, and that this one replaced.
  uint32_t superseded_before = 0;
  bool in_shared_memory() const { return segment != nullptr; }
  // CLOCK_MONOTONIC.
  int64_t taken_ns = 0;
};

// Frames and buffers are made while the number in flight grows and used again ever after.
class FramePool {
 public:
  TakenFrame* AcquireFrame();
  void RecycleFrame(TakenFrame* frame);
  std::unique_ptr<SerializedBuffer> AcquireBuffer(size_t bytes);
  void RecycleBuffer(std::unique_ptr<SerializedBuffer> buffer);

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<TakenFrame>> frames_;
  std::vector<TakenFrame*> free_frames_;
  std::vector<std::unique_ptr<SerializedBuffer>> free_buffers_;
};

}  // namespace rdk::hbmem
