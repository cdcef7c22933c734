/** How frames of the input come: loaned, or copied and why; and how many never do. */
import type { QosPolicies } from '../native/hbmem.js';
import { describeShortage, type Room, roomRemedy, sharedMemoryFolder } from '../files/sharedMemoryRoom.js';
import { shareAtCameraAdvice, shareHereAdvice } from './sharedMemoryEnv.js';

/** What is known when frames arrive as copies. */
export interface CopyFacts {
  /** Variables of the user that keep shared memory off in this process; none where it is on. */
  readonly sharedMemoryOffBy: readonly string[];
  /** True where the middleware can loan messages of this type to the subscription. */
  readonly canLoan: boolean;
  /** Name of the message type where its messages have no fixed size; null where they have. */
  readonly sizelessType: string | null;
  /** Of the shared memory; null where it cannot be told. */
  readonly room: Room | null;
}

/** Why frames are copied, with the remedy. */
export function explainCopies({ sharedMemoryOffBy, canLoan, sizelessType, room }: CopyFacts): string {
  if (sizelessType !== null) return `${sizelessType} has no fixed size and cannot be loaned; an HbmMsg can`;
  if (sharedMemoryOffBy.length > 0) return shareHereAdvice(sharedMemoryOffBy);
  if (!canLoan) return 'the middleware cannot loan messages here';
  const shortage = room === null ? null : describeShortage(room);
  // Fast DDS goes on over the network where a segment finds no room, and tells nobody but its own log.
  const noRoom = shortage === null ? '' : `${sharedMemoryFolder} has ${shortage}: ${roomRemedy}; else `;
  return `the camera does not share its memory: ${noRoom}${shareAtCameraAdvice}`;
}

const windowMs = 5000;
const minimumLost = 3;
const minimumShare = 0.1;

/** Totals at one look. */
interface Look {
  readonly timeMs: number;
  readonly taken: number;
  readonly lost: number;
}

/** Frames of the last seconds, where so many of them never arrived that it has to be told. */
export interface Loss {
  readonly lost: number;
  readonly sent: number;
}

/** Watches the share of frames that are sent and never arrive; a single one now and then is nothing to tell. */
export class LossWatch {
  readonly #looks: Look[] = [];

  /** Takes the totals of this moment, at most once per 100 ms or so; returns what is to be told of the last seconds. */
  look(timeMs: number, taken: number, lost: number): Loss | null {
    const looks = this.#looks;
    looks.push({ timeMs, taken, lost });
    while (looks.length > 1 && looks[1]!.timeMs <= timeMs - windowMs) looks.shift();
    const first = looks[0]!;
    const loss = { lost: lost - first.lost, sent: lost - first.lost + taken - first.taken };
    return loss.lost >= minimumLost && loss.lost >= minimumShare * loss.sent ? loss : null;
  }
}

/** The form in which the other frames arrive; only a frame that is not refused shows it. */
export type SeenForm = 'loaned' | 'copied' | 'unknown';

/** What frames are taken by. */
export interface TakenBy {
  /** With its namespace. */
  readonly topic: string;
  readonly form: SeenForm;
  /** Of the subscription. */
  readonly reliability: QosPolicies['reliability'];
}

/** Says what is lost and why, as far as the form tells; `copies` is why frames are copied where they are. */
export function explainLoss(
  { topic, form, reliability }: TakenBy,
  { lost, sent }: Loss,
  copies: () => string,
): string {
  const again =
    reliability === 'reliable'
      ? ''
      : `; of a camera that offers reliable delivery, qos_overrides.${topic}.subscription.reliability:=reliable has lost ones sent again`;
  const why = {
    loaned: () =>
      'frames are loaned, so the camera replaced them before they were taken: it is too fast, or this machine too busy',
    copied: () => `frames are copied and large ones get lost on the way: ${copies()}${again}`,
    unknown: () => 'the others were refused, so that nothing tells whether they are loaned or copied',
  }[form]();
  return `${lost} of the last ${sent} frames of ${topic} never arrived; ${why}`;
}
