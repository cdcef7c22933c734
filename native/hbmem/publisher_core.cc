#include "hbmem/publisher_core.h"

#include <rosidl_runtime_c/message_initialization.h>

#include <cstdlib>
#include <cstring>
#include <ctime>

#include "hbmem/loan_options.h"
#include "hbmem/rcl_error.h"

namespace rdk::hbmem {

int64_t RealtimeNs() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * FrameHeader::kNsPerSecond + now.tv_nsec;
}

void PublisherCore::MessageDeleter::operator()(uint8_t* message) const {
  members->fini_function(message);
  std::free(message);
}

PublisherCore::PublisherCore(rcl_node_t* node, const EndpointOptions& options)
    : node_(node),
      type_(options.package, options.type_name),
      publisher_(rcl_get_zero_initialized_publisher(), "rcl_publisher_fini",
                 [node](rcl_publisher_t* publisher) { return rcl_publisher_fini(publisher, node); }),
      copy_(nullptr, MessageDeleter{nullptr}) {
  rcl_publisher_options_t rcl_options = rcl_publisher_get_default_options();
  rcl_options.qos = options.qos;
  EnableLoans(rcl_options);
  publisher_.Make("rcl_publisher_init", [&](rcl_publisher_t* publisher) {
    return rcl_publisher_init(publisher, node_, type_.type_support(), options.topic.c_str(), &rcl_options);
  });
  topic_ = rcl_publisher_get_topic_name(publisher_.get());
  can_loan_ = rcl_publisher_can_loan_messages(publisher_.get());
  rcl_reset_error();
}

PublishOutcome PublisherCore::Fill(uint8_t* message, OutgoingHeader outgoing, const uint8_t* pixels,
                                   size_t pixel_bytes) const {
  std::memcpy(type_.MutablePixels(message), pixels, pixel_bytes);
  if (outgoing.stamp_at_publish) outgoing.header.SetStampNs(RealtimeNs());
  type_.WriteHeader(message, outgoing.header);
  return {can_loan_, outgoing.header.StampNs()};
}

PublishOutcome PublisherCore::Publish(OutgoingHeader outgoing, const uint8_t* pixels, size_t pixel_bytes) {
  if (!publisher_) throw CodedError(ErrorCode::kClosed, "The publisher of " + topic_ + " is closed");
  if (pixel_bytes > type_.capacity_bytes()) {
    throw CodedError(ErrorCode::kCapacity, "Expected at most " + std::to_string(type_.capacity_bytes()) +
                                               " bytes for pixels of " + type_.full_name() +
                                               " but received " + std::to_string(pixel_bytes));
  }
  if (!can_loan_) {
    if (!copy_) {
      auto* message = static_cast<uint8_t*>(std::malloc(type_.members()->size_of_));
      if (message == nullptr)
        throw CodedError(ErrorCode::kMemory, "no memory for a message of " + type_.full_name());
      type_.members()->init_function(message, ROSIDL_RUNTIME_C_MSG_INIT_ZERO);
      copy_ = {message, MessageDeleter{type_.members()}};
    }
    const PublishOutcome outcome = Fill(copy_.get(), outgoing, pixels, pixel_bytes);
    CheckRcl("rcl_publish", rcl_publish(publisher_.get(), copy_.get(), nullptr));
    return outcome;
  }
  void* loan = nullptr;
  CheckRcl("rcl_borrow_loaned_message",
           rcl_borrow_loaned_message(publisher_.get(), type_.type_support(), &loan));
  const PublishOutcome outcome = Fill(static_cast<uint8_t*>(loan), outgoing, pixels, pixel_bytes);
  const rcl_ret_t status = rcl_publish_loaned_message(publisher_.get(), loan, nullptr);
  if (status != RCL_RET_OK) {
    const auto error = RclError("rcl_publish_loaned_message", status);
    if (rcl_return_loaned_message_from_publisher(publisher_.get(), loan) != RCL_RET_OK) rcl_reset_error();
    throw error;
  }
  return outcome;
}

size_t PublisherCore::SubscriptionCount() const {
  if (!publisher_) return 0;
  size_t count = 0;
  CheckRcl("rcl_publisher_get_subscription_count",
           rcl_publisher_get_subscription_count(publisher_.get(), &count));
  return count;
}

}  // namespace rdk::hbmem
