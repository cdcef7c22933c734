// How a subscription takes one message, as a loan or as a serialised copy, and gives it back.
#include <ctime>
#include <utility>

#include "hbmem/subscription_core.h"

namespace rdk::hbmem {
namespace {

int64_t MonotonicNs() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

TakenFrame* SubscriptionCore::TakeLoan() {
  void* loan = nullptr;
  std::shared_ptr<const SegmentView> segment;
  std::optional<CodedError> return_error;
  rmw_message_info_t info = rmw_get_zero_initialized_message_info();
  rcl_ret_t status;
  {
    const std::lock_guard<std::mutex> lock(rcl_mutex_);
    status = rcl_take_loaned_message(subscription_.get(), &loan, &info, nullptr);
    if (status == RCL_RET_OK) {
      segment = segments_.Find(loan, info.publisher_gid);
      if (segment) {
        return_error = ReturnLoan(loan);
      } else {
        held_messages_.fetch_add(1);
      }
    }
  }
  if (status != RCL_RET_OK) {
    if (status == RCL_RET_SUBSCRIPTION_TAKE_FAILED) {
      rcl_reset_error();
    } else {
      take_errors_.fetch_add(1, std::memory_order_relaxed);
      Report(RclError("rcl_take_loaned_message", status));
    }
    return nullptr;
  }
  if (return_error) {
    take_errors_.fetch_add(1, std::memory_order_relaxed);
    Report(*return_error);
  }
  CountLost(info);
  TakenFrame* frame = NewFrame();
  const uint8_t* message = static_cast<const uint8_t*>(loan);
  if (segment) {
    message = segment->Translate(loan);
    frame->segment = std::move(segment);
  } else {
    frame->loan = loan;
  }
  message_->Describe(message, 0, Form::kStruct, *frame);
  return frame;
}

TakenFrame* SubscriptionCore::NewFrame() {
  TakenFrame* frame = pool_.AcquireFrame();
  frame->owner = shared_from_this();
  frame->release = OnRelease;
  frame->superseded_before = 0;
  frame->taken_ns = MonotonicNs();
  taken_.fetch_add(1);
  return frame;
}

void SubscriptionCore::CountLost(const rmw_message_info_t& info) {
  if (!PublicationGaps::Numbered(info)) return;
  is_numbered_.store(true, std::memory_order_relaxed);
  lost_.fetch_add(gaps_.Missing(info), std::memory_order_relaxed);
}

TakenFrame* SubscriptionCore::TakeSerialized() {
  auto buffer = pool_.AcquireBuffer(message_->usual_bytes());
  rmw_message_info_t info = rmw_get_zero_initialized_message_info();
  rcl_ret_t status;
  {
    const std::lock_guard<std::mutex> lock(rcl_mutex_);
    status = rcl_take_serialized_message(subscription_.get(), buffer->get(), &info, nullptr);
  }
  if (status != RCL_RET_OK) {
    pool_.RecycleBuffer(std::move(buffer));
    if (status == RCL_RET_SUBSCRIPTION_TAKE_FAILED) {
      rcl_reset_error();
    } else {
      take_errors_.fetch_add(1, std::memory_order_relaxed);
      Report(RclError("rcl_take_serialized_message", status));
    }
    return nullptr;
  }
  CountLost(info);
  TakenFrame* frame = NewFrame();
  frame->buffer = std::move(buffer);
  try {
    message_->Describe(frame->buffer->data(), frame->buffer->size_bytes(), Form::kCdr, *frame);
  } catch (const CodedError& error) {
    // It came, so it is told and counted as a frame that has to be refused.
    frame->fault = error;
  }
  return frame;
}

void SubscriptionCore::GiveBack(TakenFrame* frame) {
  void* loan = std::exchange(frame->loan, nullptr);
  auto buffer = std::move(frame->buffer);
  frame->segment.reset();
  frame->pixels = nullptr;
  frame->data = nullptr;
  frame->uv = nullptr;
  frame->encoding = {};
  frame->frame_id = {};
  frame->header = {};
  frame->capacity_bytes = 0;
  frame->fault.reset();
  pool_.RecycleFrame(frame);
  if (buffer) pool_.RecycleBuffer(std::move(buffer));
  returned_.fetch_add(1);
  if (loan == nullptr) return;
  std::optional<CodedError> error;
  {
    const std::lock_guard<std::mutex> lock(rcl_mutex_);
    error = ReturnLoan(loan);
    held_messages_.fetch_sub(1);
  }
  returned_changed_.notify_all();
  if (error) {
    take_errors_.fetch_add(1, std::memory_order_relaxed);
    Report(*error);
  }
}

std::optional<CodedError> SubscriptionCore::ReturnLoan(void* loan) {
  if (is_abandoned_) return std::nullopt;
  const rcl_ret_t status = rcl_return_loaned_message_from_subscription(subscription_.get(), loan);
  if (status == RCL_RET_OK) return std::nullopt;
  return RclError("rcl_return_loaned_message_from_subscription", status);
}

}  // namespace rdk::hbmem
