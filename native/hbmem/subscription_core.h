// The rcl side of a subscription: takes loans on a thread of its own, keeps the newest, gives them back.
#pragma once

#include <rcl/rcl.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "hbmem/camera_message.h"
#include "hbmem/options.h"
#include "hbmem/publication_gaps.h"
#include "hbmem/rcl_entity.h"
#include "hbmem/segment_view.h"
#include "hbmem/taken_frame.h"

namespace rdk::hbmem {

// Counts of frames, whether their pixels lie in shared memory or in a copy.
struct SubscriptionCounters {
  uint64_t taken = 0;
  uint64_t returned = 0;
  uint64_t superseded = 0;
  // Sent but never taken; unknown where the middleware does not number messages.
  std::optional<uint64_t> lost;
  uint64_t take_errors = 0;
  uint64_t outstanding() const { return taken - returned; }
};

// What happened on the thread besides frames; each is reported once and then cleared.
struct SubscriptionNotices {
  // rmw's name of the QoS policy the last incompatible publisher disagrees on.
  std::optional<std::string> incompatible_policy;
  std::optional<CodedError> error;
  // The thread has ended on its own.
  bool failed = false;
};

class SubscriptionCore : public std::enable_shared_from_this<SubscriptionCore> {
 public:
  // `node` must stay valid until Finalise has returned or Abandon was called.
  static std::shared_ptr<SubscriptionCore> Create(rcl_node_t* node, const SubscriptionOptions& options);
  SubscriptionCore(const SubscriptionCore&) = delete;
  SubscriptionCore& operator=(const SubscriptionCore&) = delete;
  ~SubscriptionCore();

  // `wake` is called on the thread when a frame or a notice waits; call TakePending and TakeNotices then.
  void Start(std::function<void()> wake);
  // Ends the thread and returns the frame that waits. Safe to call again.
  void StopTaking();
  // The newest frame not yet handed out, or null. The caller owns its first reference.
  TakenFrame* TakePending();
  SubscriptionNotices TakeNotices();

  static bool Owns(const rdk::Frame& frame) { return frame.release == OnRelease; }

  // Messages of the middleware that are held for frames. Frames in shared memory need none.
  int held_messages() const { return held_messages_.load(); }
  // Waits until every held message is returned.
  bool WaitForReturns(int timeout_ms);
  // Finalises the rcl entities once the thread has ended and every held message is returned; false otherwise.
  // Throws what rcl said where it refused; nothing is left to try then.
  bool Finalise();
  // Leaks the rcl entities: messages out there can no longer be given back safely.
  void Abandon();
  bool finalised() const { return is_finalised_; }

  SubscriptionCounters counters() const;
  const CameraMessage& message() const { return *message_; }
  bool can_loan() const { return can_loan_; }
  std::string topic() const { return topic_; }

 private:
  SubscriptionCore(rcl_node_t* node, const SubscriptionOptions& options);
  void Run();
  void WaitOnce();
  void TakeAll();
  TakenFrame* TakeLoan();
  TakenFrame* TakeSerialized();
  TakenFrame* NewFrame();
  void CountLost(const rmw_message_info_t& info);
  void Supersede(TakenFrame* older, TakenFrame* newer);
  // With rcl_mutex_ held.
  std::optional<CodedError> ReturnLoan(void* loan);
  void TakeIncompatibleQos();
  void Offer(TakenFrame* frame);
  void Report(const CodedError& error);
  void GiveBack(TakenFrame* frame);
  static void OnRelease(rdk::Frame* frame);

  rcl_node_t* node_;
  const std::unique_ptr<const CameraMessage> message_;
  std::string topic_;
  bool can_loan_ = false;

  // In the order of their making, so that they are finalised backwards.
  RclEntity<rcl_subscription_t> subscription_;
  RclEntity<rcl_event_t> incompatible_qos_;
  RclEntity<rcl_guard_condition_t> wake_up_;
  RclEntity<rcl_wait_set_t> wait_set_;
  bool is_finalised_ = false;

  std::thread thread_;
  std::atomic<bool> is_stopped_{false};
  std::function<void()> wake_;

  // Serialises take, return and finalise: rcl promises thread safety for none of them.
  std::mutex rcl_mutex_;
  bool is_abandoned_ = false;
  std::condition_variable returned_changed_;
  std::atomic<int> held_messages_{0};
  std::atomic<uint64_t> taken_{0}, returned_{0}, superseded_{0}, lost_{0}, take_errors_{0};
  std::atomic<bool> is_numbered_{false};

  PublicationGaps gaps_;
  SegmentViews segments_;
  FramePool pool_;

  std::mutex pending_mutex_;
  TakenFrame* pending_ = nullptr;
  SubscriptionNotices notices_;
};

}  // namespace rdk::hbmem
