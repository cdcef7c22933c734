/** What a profile of Fast DDS does to frames and results; the file alone tells, as Fast DDS goes on without one that it cannot read. */
import { DOMParser, type Document, type Element, onErrorStopParsing } from '@xmldom/xmldom';
import { parseFault } from '../core/documentFault.js';
import { megabytes } from '../core/words.js';
import { segmentBytes } from '../files/sharedMemoryRoom.js';

/** What is wrong with a profile. */
export interface ProfileFault {
  /** A fault where the file is without any effect or nothing starts with it, else a warning. */
  readonly isFault: boolean;
  readonly found: string;
  readonly remedy: string;
}

/** What Fast DDS takes for each process where nothing sets it. */
const defaultSegmentBytes = 512 * 1024;

const children = (parent: Element, name: string): Element[] =>
  Array.from(parent.childNodes).filter((node): node is Element => node.nodeName === name);

/** The element at a path of names below another; null where there is none. */
function below(parent: Element | null, ...names: readonly string[]): Element | null {
  return names.reduce<Element | null>(
    (at, name) => (at === null ? null : (children(at, name)[0] ?? null)),
    parent,
  );
}

/** Fast DDS refuses what is no whole number. */
function bytesOf(element: Element | null, otherwise: number): number {
  if (element === null) return otherwise;
  const bytes = Number(textOf(element));
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : 0;
}

const textOf = (element: Element | null) => element?.textContent?.trim() ?? null;

/** The profile of a kind that applies where none is named: of several the last, as each takes the place of the one before. */
function defaultOf(document: Document, ...kinds: readonly string[]): Element | null {
  const all = Array.from(document.getElementsByTagName('*')).filter(({ nodeName }) =>
    kinds.includes(nodeName),
  );
  return all.findLast((element) => element.getAttribute('is_default_profile') === 'true') ?? null;
}

/** Bytes of the shared memory of each process that its outputs go through; 0 where it has none. */
function segmentOf(document: Document, isLocalhostOnly: boolean): number {
  const rtps = below(defaultOf(document, 'participant'), 'rtps');
  const userTransports = below(rtps, 'userTransports');
  const ids = userTransports === null ? [] : children(userTransports, 'transport_id').map(textOf);
  const own = Array.from(document.getElementsByTagName('transport_descriptor'))
    .filter((transport) => ids.includes(textOf(below(transport, 'transport_id'))))
    .filter((transport) => textOf(below(transport, 'type')) === 'SHM')
    .map((transport) => bytesOf(below(transport, 'segment_size'), defaultSegmentBytes));
  const sendBytes = bytesOf(below(rtps, 'sendSocketBufferSize'), 0);
  const builtin =
    textOf(below(rtps, 'useBuiltinTransports')) === 'false'
      ? 0
      : Math.max(defaultSegmentBytes, 2 * sendBytes);
  // For a graph of this machine alone rmw brings its own transports, which heed no send buffer.
  return Math.max(...own, isLocalhostOnly ? defaultSegmentBytes : builtin);
}

/** Which side the profile gives another kind of data sharing than AUTOMATIC; null where it is AUTOMATIC or left to Fast DDS, whose own it is. */
function dataSharingFault(document: Document): ProfileFault | null {
  const sides = [
    ['publisher', defaultOf(document, 'publisher', 'data_writer')],
    ['subscriber', defaultOf(document, 'subscriber', 'data_reader')],
  ] as const;
  for (const [side, profile] of sides) {
    const kind = textOf(below(profile, 'qos', 'data_sharing', 'kind'));
    if (kind === null || kind === 'AUTOMATIC' || kind === 'AUTO') continue;
    const remedy = `set <data_sharing><kind>AUTOMATIC</kind></data_sharing> for every default publisher and subscriber, as config/fastdds/shm.xml does`;
    if (kind === 'OFF')
      return {
        isFault: false,
        found: `data sharing of its default ${side} is OFF: frames are copied`,
        remedy,
      };
    const why = 'Fast DDS then refuses every message without a fixed size, and no ROS node starts';
    return { isFault: true, found: `data sharing of its default ${side} is ${kind}: ${why}`, remedy };
  }
  return null;
}

/** Judges the text of a profile; null where it gives frames and results what the built-in one does. */
export function judgeProfile(text: string, isLocalhostOnly: boolean): ProfileFault | null {
  let document: Document;
  try {
    document = new DOMParser({ onError: onErrorStopParsing }).parseFromString(text, 'text/xml');
  } catch (error) {
    return {
      isFault: true,
      found: `it is not well-formed XML, and Fast DDS goes on without it: ${parseFault(error)}`,
      remedy: 'mend it, or unset the variable to get the built-in profile',
    };
  }
  const root = document.documentElement!.nodeName;
  const isProfile =
    root === 'profiles' || (root === 'dds' && below(document.documentElement, 'profiles') !== null);
  if (!isProfile) {
    return {
      isFault: true,
      found: `it has no profiles: its root is <${root}>; expected <profiles> or <dds><profiles>`,
      remedy: 'mend it, or unset the variable to get the built-in profile',
    };
  }
  const sharing = dataSharingFault(document);
  if (sharing !== null) return sharing;
  const foundBytes = segmentOf(document, isLocalhostOnly);
  if (foundBytes >= segmentBytes) return null;
  const found = `${megabytes(foundBytes)} of shared memory for the outputs of a process, where ${megabytes(segmentBytes)} are needed: large results come late or never`;
  const remedy = isLocalhostOnly
    ? `this graph is limited to this machine: list a transport with <segment_size>${segmentBytes}</segment_size>, as config/fastdds/shm_localhost.xml does`
    : `give its default participant <sendSocketBufferSize>${segmentBytes / 2}</sendSocketBufferSize>, as config/fastdds/shm.xml does`;
  return { isFault: false, found, remedy };
}
