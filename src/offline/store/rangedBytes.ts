import type { ByteRange, ByteSource } from '../byteSource.js';

/** Reads a part of an object in one request. */
export type FetchRange = (offset: number, length: number) => Promise<Uint8Array>;

/** What reading an object has cost. */
export interface ReadCost {
  readonly requests: number;
  /** That came. */
  readonly bytes: number;
  /** That were asked for, each time they were. */
  readonly askedBytes: number;
}

const kib = 1024;
/** Less than this between two parts costs less to read than another request. */
const joinedGapBytes = 64 * kib;
/** A request of joined parts is no larger, unless one part is. */
const mostJoinedBytes = 8 * 1024 * kib;
/** What is read at a place nobody has told of; more where reading goes on from there. */
const leastBytes = 64 * kib;
const growth = 4;
const keptPieces = 4;

interface Piece {
  readonly start: number;
  readonly end: number;
  /** Null while nobody has begun to read it. */
  bytes: Promise<Uint8Array> | null;
}

function holds({ start, end }: Piece, offset: number, length: number): boolean {
  return start <= offset && offset + length <= end;
}

/**
 * Bytes of an object that is far away: parts that were told beforehand are joined with their neighbours, and one request is
 * under way while the one before is worked on; other parts are read with what lies behind them.
 */
export class RangedBytes implements ByteSource {
  readonly path: string;
  readonly #sizeBytes: bigint;
  readonly #fetch: FetchRange;
  readonly #release: () => Promise<void>;
  #planned: Piece[] = [];
  /** The last ones read that nobody told of, the latest last. */
  readonly #pieces: Piece[] = [];
  #nextBytes = leastBytes;
  #requests = 0;
  #bytes = 0;
  #askedBytes = 0;

  constructor(path: string, sizeBytes: bigint, fetch: FetchRange, release: () => Promise<void>) {
    this.path = path;
    this.#sizeBytes = sizeBytes;
    this.#fetch = fetch;
    this.#release = release;
  }

  get cost(): ReadCost {
    return { requests: this.#requests, bytes: this.#bytes, askedBytes: this.#askedBytes };
  }

  async size(): Promise<bigint> {
    return this.#sizeBytes;
  }

  expect(parts: readonly ByteRange[]): void {
    const joined: { start: number; end: number }[] = [];
    for (const part of parts) {
      const start = Number(part.offset);
      const end = start + Number(part.length);
      const last = joined.at(-1);
      const isNear = last !== undefined && start >= last.end && start - last.end <= joinedGapBytes;
      if (isNear && end - last.start <= mostJoinedBytes) last.end = end;
      else joined.push({ start, end });
    }
    this.#planned = joined.map((range) => ({ ...range, bytes: null }));
  }

  async read(offset: bigint, length: bigint): Promise<Uint8Array> {
    const [start, count] = [Number(offset), Number(length)];
    this.#askedBytes += count;
    const known = this.#pieces.find((one) => holds(one, start, count));
    const piece = known ?? this.#plannedPiece(start, count) ?? this.#otherPiece(start, count);
    const bytes = await this.#bytesOf(piece);
    return bytes.slice(start - piece.start, start - piece.start + count);
  }

  async close(): Promise<void> {
    this.#planned = [];
    this.#pieces.length = 0;
    await this.#release();
  }

  #plannedPiece(start: number, count: number): Piece | null {
    const at = this.#planned.findIndex((piece) => holds(piece, start, count));
    if (at < 0) return null;
    this.#planned.splice(0, at);
    const [piece, next] = this.#planned;
    // Begun first, so that it does not wait behind the one that nobody needs yet.
    void this.#bytesOf(piece!);
    if (next !== undefined && next.end - next.start <= mostJoinedBytes) void this.#bytesOf(next);
    return piece!;
  }

  #otherPiece(wantedStart: number, count: number): Piece {
    const goesOn = this.#pieces.at(-1)?.end === wantedStart;
    this.#nextBytes = goesOn ? Math.min(this.#nextBytes * growth, mostJoinedBytes) : leastBytes;
    const sizeBytes = Number(this.#sizeBytes);
    const end = Math.min(wantedStart + Math.max(count, this.#nextBytes), sizeBytes);
    // What is read at the end is an index, of which the last bytes only say where it begins.
    const start = goesOn ? wantedStart : Math.max(0, Math.min(wantedStart, end - leastBytes));
    const piece = { start, end, bytes: null };
    this.#pieces.push(piece);
    if (this.#pieces.length > keptPieces) this.#pieces.shift();
    return piece;
  }

  #bytesOf(piece: Piece): Promise<Uint8Array> {
    if (piece.bytes === null) {
      piece.bytes = this.#request(piece);
      // Whoever reads it is told; until then it is nobody's fault.
      piece.bytes.catch(() => {});
    }
    return piece.bytes;
  }

  async #request({ start, end }: Piece): Promise<Uint8Array> {
    if (start === end) return new Uint8Array(0);
    this.#requests++;
    const bytes = await this.#fetch(start, end - start);
    this.#bytes += bytes.length;
    return bytes;
  }
}
