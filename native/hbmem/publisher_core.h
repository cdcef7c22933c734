// Publishes HbmMsg frames the way a TROS camera does: borrow, fill, publish the loan.
#pragma once

#include <rcl/rcl.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "hbmem/message_layout.h"
#include "hbmem/options.h"
#include "hbmem/rcl_entity.h"

namespace rdk::hbmem {

// CLOCK_REALTIME.
int64_t RealtimeNs();

struct OutgoingHeader {
  FrameHeader header;
  // Stamps the frame when its pixels are in place, like a camera driver.
  bool stamp_at_publish = true;
};

struct PublishOutcome {
  bool loaned = false;
  int64_t stamp_ns = 0;
};

class PublisherCore {
 public:
  // `node` must stay valid until Finalise or Abandon.
  PublisherCore(rcl_node_t* node, const EndpointOptions& options);
  PublisherCore(const PublisherCore&) = delete;
  PublisherCore& operator=(const PublisherCore&) = delete;

  // Copies `pixel_bytes` bytes and leaves the rest of the message as it was.
  PublishOutcome Publish(OutgoingHeader outgoing, const uint8_t* pixels, size_t pixel_bytes);
  size_t SubscriptionCount() const;
  // What rcl said where it refused.
  std::optional<CodedError> Finalise() { return publisher_.Finalise(); }
  // Leaks the rcl publisher: its node is gone.
  void Abandon() { publisher_.Leak(); }

  bool can_loan() const { return can_loan_; }
  const MessageType& type() const { return type_; }
  const std::string& topic() const { return topic_; }

 private:
  // Pixels before the header, like a camera that stamps the finished frame.
  PublishOutcome Fill(uint8_t* message, OutgoingHeader outgoing, const uint8_t* pixels,
                      size_t pixel_bytes) const;
  struct MessageDeleter {
    const rosidl_typesupport_introspection_c__MessageMembers* members;
    void operator()(uint8_t* message) const;
  };

  rcl_node_t* node_;
  const MessageType type_;
  std::string topic_;
  bool can_loan_ = false;
  RclEntity<rcl_publisher_t> publisher_;
  // Used again for every frame where the middleware cannot loan messages.
  std::unique_ptr<uint8_t, MessageDeleter> copy_;
};

}  // namespace rdk::hbmem
