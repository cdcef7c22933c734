import type { QosPolicies } from '../../native/hbmem.js';
import { rclnodejs } from './rclnodejs.js';

const { HistoryPolicy, ReliabilityPolicy, DurabilityPolicy } = rclnodejs.QoS;
const historyPolicies = {
  keep_last: HistoryPolicy.RMW_QOS_POLICY_HISTORY_KEEP_LAST,
  keep_all: HistoryPolicy.RMW_QOS_POLICY_HISTORY_KEEP_ALL,
  system_default: HistoryPolicy.RMW_QOS_POLICY_HISTORY_SYSTEM_DEFAULT,
} as const;
const reliabilityPolicies = {
  reliable: ReliabilityPolicy.RMW_QOS_POLICY_RELIABILITY_RELIABLE,
  best_effort: ReliabilityPolicy.RMW_QOS_POLICY_RELIABILITY_BEST_EFFORT,
  system_default: ReliabilityPolicy.RMW_QOS_POLICY_RELIABILITY_SYSTEM_DEFAULT,
} as const;
const durabilityPolicies = {
  volatile: DurabilityPolicy.RMW_QOS_POLICY_DURABILITY_VOLATILE,
  transient_local: DurabilityPolicy.RMW_QOS_POLICY_DURABILITY_TRANSIENT_LOCAL,
  system_default: DurabilityPolicy.RMW_QOS_POLICY_DURABILITY_SYSTEM_DEFAULT,
} as const;

/** The policies in the form that rclnodejs takes. */
export function toQos({ history, depth, reliability, durability }: QosPolicies): rclnodejs.QoS {
  return new rclnodejs.QoS(
    historyPolicies[history],
    depth,
    reliabilityPolicies[reliability],
    durabilityPolicies[durability],
  );
}
