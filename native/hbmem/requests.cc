#include "hbmem/requests.h"

#include <rmw/qos_profiles.h>

#include <cstring>
#include <limits>
#include <string>

#include "common/arguments.h"

namespace rdk::hbmem {
namespace {

template <typename Policy>
struct Choice {
  const char* name;
  Policy policy;
};

template <typename Policy, size_t kCount>
Policy ChoiceOf(const Napi::Object& request, const char* key, const Choice<Policy> (&choices)[kCount]) {
  const std::string name = TextOf(request, key);
  std::string expected = "one of";
  for (const auto& choice : choices) {
    if (name == choice.name) return choice.policy;
    expected += std::string(" ") + choice.name;
  }
  throw ArgumentError(expected, key, "'" + name + "'");
}

constexpr Choice<rmw_qos_reliability_policy_t> kReliabilities[] = {
    {"best_effort", RMW_QOS_POLICY_RELIABILITY_BEST_EFFORT},
    {"reliable", RMW_QOS_POLICY_RELIABILITY_RELIABLE},
    {"system_default", RMW_QOS_POLICY_RELIABILITY_SYSTEM_DEFAULT}};
constexpr Choice<rmw_qos_durability_policy_t> kDurabilities[] = {
    {"volatile", RMW_QOS_POLICY_DURABILITY_VOLATILE},
    {"transient_local", RMW_QOS_POLICY_DURABILITY_TRANSIENT_LOCAL},
    {"system_default", RMW_QOS_POLICY_DURABILITY_SYSTEM_DEFAULT}};
constexpr Choice<rmw_qos_history_policy_t> kHistories[] = {
    {"keep_last", RMW_QOS_POLICY_HISTORY_KEEP_LAST},
    {"keep_all", RMW_QOS_POLICY_HISTORY_KEEP_ALL},
    {"system_default", RMW_QOS_POLICY_HISTORY_SYSTEM_DEFAULT}};

uint32_t Uint32Of(const Napi::Object& request, const char* key) {
  const Napi::Value value = request.Get(key);
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : -1;
  if (!(number >= 0 && number <= std::numeric_limits<uint32_t>::max()) ||
      number != static_cast<uint32_t>(number)) {
    throw ArgumentError("an integer from 0 to 4294967295", key, Describe(value));
  }
  return static_cast<uint32_t>(number);
}

}  // namespace

EndpointOptions ReadEndpointOptions(const Napi::Object& request) {
  EndpointOptions options;
  options.topic = TextOf(request, "topic");
  options.package = TextOf(request, "packageName");
  options.type_name = TextOf(request, "typeName");
  const Napi::Object qos = ObjectArgument(request.Get("qos"), "qos");
  options.qos = rmw_qos_profile_default;
  options.qos.depth = static_cast<size_t>(IntegerOf(qos, "depth", 0, 1000));
  options.qos.reliability = ChoiceOf(qos, "reliability", kReliabilities);
  options.qos.durability = ChoiceOf(qos, "durability", kDurabilities);
  options.qos.history = ChoiceOf(qos, "history", kHistories);
  return options;
}

SubscriptionOptions ReadSubscriptionOptions(const Napi::Object& request) {
  SubscriptionOptions options;
  static_cast<EndpointOptions&>(options) = ReadEndpointOptions(request);
  const Napi::Value force = request.Get("forceSerialized");
  if (!force.IsBoolean()) throw ArgumentError("a boolean", "forceSerialized", Describe(force));
  options.force_serialized = force.As<Napi::Boolean>().Value();
  return options;
}

OutgoingHeader ReadOutgoingHeader(const Napi::Object& request, size_t encoding_bytes) {
  OutgoingHeader outgoing;
  FrameHeader& header = outgoing.header;
  header.index =
      IntegerOf(request, "index", std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max());
  header.width_px = Uint32Of(request, "widthPx");
  header.height_px = Uint32Of(request, "heightPx");
  header.step_bytes = Uint32Of(request, "stepBytes");
  header.data_size_bytes = Uint32Of(request, "dataSizeBytes");

  const Napi::Value stamp = request.Get("stampNs");
  outgoing.stamp_at_publish = stamp.IsUndefined();
  if (stamp.IsBigInt()) {
    bool lossless = false;
    header.SetStampNs(stamp.As<Napi::BigInt>().Int64Value(&lossless));
  } else if (!outgoing.stamp_at_publish) {
    throw ArgumentError("a bigint or undefined", "stampNs", Describe(stamp));
  }

  const Bytes encoding = Uint8ArrayArgument(request.Get("encoding"), "encoding");
  if (encoding.size > encoding_bytes) {
    throw ArgumentError("at most " + std::to_string(encoding_bytes) + " bytes", "encoding",
                        std::to_string(encoding.size) + " bytes");
  }
  std::memcpy(header.encoding, encoding.data, encoding.size);
  return outgoing;
}

}  // namespace rdk::hbmem
