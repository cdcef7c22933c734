#include "hbmem/subscription_core.h"

#include <rmw/qos_policy_kind.h>
#include <rmw/rmw.h>

#include <chrono>
#include <utility>

#include "hbmem/loan_options.h"

namespace rdk::hbmem {
namespace {

// How long the thread sleeps before it looks after the memory of publishers that are gone.
constexpr int64_t kIdleWaitNs = 3'000'000'000;

const char* PolicyName(rmw_qos_policy_kind_t kind) {
  switch (kind) {
    case RMW_QOS_POLICY_DURABILITY:
      return "durability";
    case RMW_QOS_POLICY_DEADLINE:
      return "deadline";
    case RMW_QOS_POLICY_LIVELINESS:
      return "liveliness";
    case RMW_QOS_POLICY_RELIABILITY:
      return "reliability";
    case RMW_QOS_POLICY_HISTORY:
      return "history";
    case RMW_QOS_POLICY_LIFESPAN:
      return "lifespan";
    case RMW_QOS_POLICY_DEPTH:
      return "depth";
    case RMW_QOS_POLICY_LIVELINESS_LEASE_DURATION:
      return "liveliness_lease_duration";
    case RMW_QOS_POLICY_AVOID_ROS_NAMESPACE_CONVENTIONS:
      return "avoid_ros_namespace_conventions";
    default:
      return "unknown";
  }
}

}  // namespace

std::shared_ptr<SubscriptionCore> SubscriptionCore::Create(rcl_node_t* node,
                                                           const SubscriptionOptions& options) {
  // The constructor is private so that no core exists outside of a shared_ptr: frames keep it alive.
  struct Constructible : SubscriptionCore {
    Constructible(rcl_node_t* node, const SubscriptionOptions& options) : SubscriptionCore(node, options) {}
  };
  return std::make_shared<Constructible>(node, options);
}

SubscriptionCore::SubscriptionCore(rcl_node_t* node, const SubscriptionOptions& options)
    : node_(node),
      message_(CameraMessage::Load(options.package, options.type_name)),
      subscription_(
          rcl_get_zero_initialized_subscription(), "rcl_subscription_fini",
          [node](rcl_subscription_t* subscription) { return rcl_subscription_fini(subscription, node); }),
      incompatible_qos_(rcl_get_zero_initialized_event(), "rcl_event_fini", rcl_event_fini),
      wake_up_(rcl_get_zero_initialized_guard_condition(), "rcl_guard_condition_fini",
               rcl_guard_condition_fini),
      wait_set_(rcl_get_zero_initialized_wait_set(), "rcl_wait_set_fini", rcl_wait_set_fini) {
  rcl_subscription_options_t rcl_options = rcl_subscription_get_default_options();
  rcl_options.qos = options.qos;
  EnableLoans(rcl_options);
  subscription_.Make("rcl_subscription_init", [&](rcl_subscription_t* subscription) {
    return rcl_subscription_init(subscription, node_, message_->type_support(), options.topic.c_str(),
                                 &rcl_options);
  });
  topic_ = rcl_subscription_get_topic_name(subscription_.get());
  can_loan_ = !options.force_serialized && message_->has_fixed_size() &&
              rcl_subscription_can_loan_messages(subscription_.get());
  rcl_reset_error();

  // A middleware without this event only costs the explanation, not the frames.
  incompatible_qos_.TryMake([this](rcl_event_t* event) {
    return rcl_subscription_event_init(event, subscription_.get(),
                                       RCL_SUBSCRIPTION_REQUESTED_INCOMPATIBLE_QOS);
  });
  wake_up_.Make("rcl_guard_condition_init", [this](rcl_guard_condition_t* guard) {
    return rcl_guard_condition_init(guard, node_->context, rcl_guard_condition_get_default_options());
  });
  wait_set_.Make("rcl_wait_set_init", [this](rcl_wait_set_t* wait_set) {
    return rcl_wait_set_init(wait_set, 1, 1, 0, 0, 0, incompatible_qos_ ? 1 : 0, node_->context,
                             rcl_get_default_allocator());
  });
}

SubscriptionCore::~SubscriptionCore() { StopTaking(); }

void SubscriptionCore::Start(std::function<void()> wake) {
  wake_ = std::move(wake);
  thread_ = std::thread([this] { Run(); });
}

void SubscriptionCore::StopTaking() {
  if (thread_.joinable()) {
    is_stopped_.store(true);
    if (rcl_trigger_guard_condition(wake_up_.get()) != RCL_RET_OK) rcl_reset_error();
    thread_.join();
  }
  if (TakenFrame* waiting = TakePending()) waiting->Release();
}

TakenFrame* SubscriptionCore::TakePending() {
  const std::lock_guard<std::mutex> lock(pending_mutex_);
  return std::exchange(pending_, nullptr);
}

SubscriptionNotices SubscriptionCore::TakeNotices() {
  const std::lock_guard<std::mutex> lock(pending_mutex_);
  return std::exchange(notices_, SubscriptionNotices{});
}

void SubscriptionCore::Report(const CodedError& error) {
  {
    const std::lock_guard<std::mutex> lock(pending_mutex_);
    notices_.error = error;
  }
  wake_();
}

void SubscriptionCore::Run() {
  try {
    while (!is_stopped_.load()) WaitOnce();
  } catch (const CodedError& error) {
    {
      const std::lock_guard<std::mutex> lock(pending_mutex_);
      notices_.failed = true;
    }
    Report(error);
  } catch (const std::exception& error) {
    {
      const std::lock_guard<std::mutex> lock(pending_mutex_);
      notices_.failed = true;
    }
    Report(CodedError(ErrorCode::kNative, error.what()));
  }
}

void SubscriptionCore::WaitOnce() {
  CheckRcl("rcl_wait_set_clear", rcl_wait_set_clear(wait_set_.get()));
  CheckRcl("rcl_wait_set_add_subscription",
           rcl_wait_set_add_subscription(wait_set_.get(), subscription_.get(), nullptr));
  CheckRcl("rcl_wait_set_add_guard_condition",
           rcl_wait_set_add_guard_condition(wait_set_.get(), wake_up_.get(), nullptr));
  if (incompatible_qos_) {
    CheckRcl("rcl_wait_set_add_event",
             rcl_wait_set_add_event(wait_set_.get(), incompatible_qos_.get(), nullptr));
  }
  const rcl_ret_t status = rcl_wait(wait_set_.get(), kIdleWaitNs);
  if (is_stopped_.load()) return;
  if (status == RCL_RET_TIMEOUT) {
    segments_.ForgetSilent();
    return;
  }
  CheckRcl("rcl_wait", status);
  if (incompatible_qos_ && wait_set_->events[0] != nullptr) TakeIncompatibleQos();
  if (wait_set_->subscriptions[0] != nullptr) TakeAll();
}

void SubscriptionCore::TakeIncompatibleQos() {
  rmw_requested_qos_incompatible_event_status_t status{0, 0, RMW_QOS_POLICY_INVALID};
  const rcl_ret_t taken = rcl_take_event(incompatible_qos_.get(), &status);
  if (taken != RCL_RET_OK) {
    if (taken == RCL_RET_EVENT_TAKE_FAILED) {
      rcl_reset_error();
    } else {
      Report(RclError("rcl_take_event", taken));
    }
    return;
  }
  {
    const std::lock_guard<std::mutex> lock(pending_mutex_);
    notices_.incompatible_policy = PolicyName(status.last_policy_kind);
  }
  wake_();
}

void SubscriptionCore::TakeAll() {
  TakenFrame* newest = nullptr;
  while (TakenFrame* frame = can_loan_ ? TakeLoan() : TakeSerialized()) {
    if (newest != nullptr) Supersede(newest, frame);
    newest = frame;
  }
  if (newest != nullptr) Offer(newest);
}

void SubscriptionCore::Supersede(TakenFrame* older, TakenFrame* newer) {
  superseded_.fetch_add(1, std::memory_order_relaxed);
  newer->superseded_before += older->superseded_before + 1;
  older->Release();
}

void SubscriptionCore::Offer(TakenFrame* frame) {
  // Out of the slot before the newer one is in it: from there the JS thread may take it at any time.
  if (TakenFrame* older = TakePending()) Supersede(older, frame);
  {
    const std::lock_guard<std::mutex> lock(pending_mutex_);
    pending_ = frame;
  }
  wake_();
}

void SubscriptionCore::OnRelease(rdk::Frame* frame) {
  auto* taken = static_cast<TakenFrame*>(frame);
  // The frame's own share of the core ends here, perhaps as the last one.
  const std::shared_ptr<SubscriptionCore> core = std::move(taken->owner);
  core->GiveBack(taken);
}

bool SubscriptionCore::WaitForReturns(int timeout_ms) {
  std::unique_lock<std::mutex> lock(rcl_mutex_);
  return returned_changed_.wait_for(lock, std::chrono::milliseconds(timeout_ms),
                                    [this] { return held_messages_.load() == 0; });
}

bool SubscriptionCore::Finalise() {
  if (is_finalised_) return true;
  if (thread_.joinable()) return false;
  const std::lock_guard<std::mutex> lock(rcl_mutex_);
  if (is_abandoned_ || held_messages_.load() != 0) return false;
  is_finalised_ = true;
  // Goes on after a refusal: what cannot be finalised is leaked, the rest need not be.
  std::optional<CodedError> first;
  const auto note = [&first](std::optional<CodedError> error) {
    if (!first) first = std::move(error);
  };
  note(wait_set_.Finalise());
  note(wake_up_.Finalise());
  note(incompatible_qos_.Finalise());
  note(subscription_.Finalise());
  if (first) throw *first;
  return true;
}

void SubscriptionCore::Abandon() {
  const std::lock_guard<std::mutex> lock(rcl_mutex_);
  is_abandoned_ = true;
  wait_set_.Leak();
  wake_up_.Leak();
  incompatible_qos_.Leak();
  subscription_.Leak();
}

SubscriptionCounters SubscriptionCore::counters() const {
  // Returned first: a frame that comes and goes in between must not make the difference negative.
  SubscriptionCounters counters;
  counters.returned = returned_.load();
  counters.taken = taken_.load();
  counters.superseded = superseded_.load(std::memory_order_relaxed);
  if (is_numbered_.load(std::memory_order_relaxed)) counters.lost = lost_.load(std::memory_order_relaxed);
  counters.take_errors = take_errors_.load(std::memory_order_relaxed);
  return counters;
}

}  // namespace rdk::hbmem
