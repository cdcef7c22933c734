import type { QosPolicies } from '../../native/hbmem.js';

/** What a publisher offers, as far as the graph tells it. */
export interface OfferedQos {
  /** Null where the middleware does not say. */
  readonly reliability: 'reliable' | 'best_effort' | null;
  readonly durability: 'transient_local' | 'volatile' | null;
}

/** rmw's numbers of the policies. */
const reliabilities: Readonly<Record<number, OfferedQos['reliability']>> = {
  1: 'reliable',
  2: 'best_effort',
};
const durabilities: Readonly<Record<number, OfferedQos['durability']>> = {
  1: 'transient_local',
  2: 'volatile',
};

/** By the numbers that rmw has for the policies. */
export function offeredQosOf(qos: { readonly reliability: number; readonly durability: number }): OfferedQos {
  return {
    reliability: reliabilities[qos.reliability] ?? null,
    durability: durabilities[qos.durability] ?? null,
  };
}

/** A policy by which a subscription asks for more than a publisher offers, so that nothing arrives. */
export interface UnfitPolicy {
  readonly policy: 'reliability' | 'durability';
  readonly asked: string;
  readonly offered: string;
}

/** The first policy that keeps the two apart; null where none does, as far as is known. */
export function unfitPolicy(
  asked: Pick<QosPolicies, 'reliability' | 'durability'>,
  offered: OfferedQos,
): UnfitPolicy | null {
  if (asked.reliability === 'reliable' && offered.reliability === 'best_effort')
    return { policy: 'reliability', asked: asked.reliability, offered: offered.reliability };
  if (asked.durability === 'transient_local' && offered.durability === 'volatile')
    return { policy: 'durability', asked: asked.durability, offered: offered.durability };
  return null;
}
