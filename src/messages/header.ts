import type { FrameHeader } from '../core/frame.js';
import type { CdrWriter } from './cdrWriter.js';

const nsPerSecond = 1_000_000_000n;

/** The instants that builtin_interfaces/Time can hold: int32 seconds. */
const earliestNs = -(2n ** 31n) * nsPerSecond;
const latestNs = 2n ** 31n * nsPerSecond - 1n;

/**
 * builtin_interfaces/Time of an instant; seconds are rounded down, so that nanoseconds are never negative.
 * Instants outside of its range (1901 to 2038) become the nearest one in it.
 */
export function toRosTime(instantNs: bigint): { sec: number; nanosec: number } {
  const notTooLateNs = instantNs > latestNs ? latestNs : instantNs;
  const stampNs = notTooLateNs < earliestNs ? earliestNs : notTooLateNs;
  const nanosec = ((stampNs % nsPerSecond) + nsPerSecond) % nsPerSecond;
  return { sec: Number((stampNs - nanosec) / nsPerSecond), nanosec: Number(nanosec) };
}

/** Nanoseconds of a builtin_interfaces/Time. */
export function fromRosTime({ sec, nanosec }: { sec: number; nanosec: number }): bigint {
  return BigInt(sec) * nsPerSecond + BigInt(nanosec);
}

/** std_msgs/Header with the stamp and frame_id of the source frame. */
export function writeHeader(writer: CdrWriter, header: Pick<FrameHeader, 'stampNs' | 'frameId'>): void {
  const { sec, nanosec } = toRosTime(header.stampNs);
  writer.int32(sec).uint32(nanosec).text(header.frameId);
}
