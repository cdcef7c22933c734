/** What ffmpeg says of one picture before its bytes come. */
export interface AnnouncedPicture {
  readonly widthPx: number;
  readonly heightPx: number;
  /** As the file has it, mostly since its beginning; null where it has no times. */
  readonly timeNs: bigint | null;
}

const timeBase = /\[Parsed_showinfo_\d+ @ \S+\] \[info\] config in time_base: (\d+)\/(\d+)/;
const picture = /\[Parsed_showinfo_\d+ @ \S+\] \[info\] n: *\d+ pts: *(-?\d+|NOPTS) .* s:(\d+)x(\d+) /;
const complaint = /^(?:\[.* @ \S+\] )*\[(?:error|fatal|panic)\] (.*)$/;
/** A broken file brings one for each of its pictures. */
const mostComplaints = 3;

/** Reads what ffmpeg writes with `-loglevel level+info` and the filter showinfo. */
export class FfmpegLines {
  readonly #complaints: string[] = [];
  #complaintCount = 0;
  /** Seconds of a unit of time, as a fraction. */
  #timeBase: readonly [numerator: bigint, denominator: bigint] = [0n, 1n];

  /** What went wrong, in ffmpeg's words; empty if nothing did. */
  get complaints(): string {
    const more = this.#complaintCount - this.#complaints.length;
    return [...this.#complaints, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
  }

  /** Takes one line; the picture that it announces, if it does. */
  read(line: string): AnnouncedPicture | null {
    const base = timeBase.exec(line);
    if (base !== null) this.#timeBase = [BigInt(base[1]!), BigInt(base[2]!)];
    const complains = complaint.exec(line);
    if (complains !== null && ++this.#complaintCount <= mostComplaints) this.#complaints.push(complains[1]!);
    const announced = picture.exec(line);
    if (announced === null) return null;
    const [, pts, width, height] = announced;
    return { widthPx: Number(width), heightPx: Number(height), timeNs: this.#timeNsOf(pts!) };
  }

  #timeNsOf(pts: string): bigint | null {
    const [numerator, denominator] = this.#timeBase;
    if (pts === 'NOPTS' || denominator === 0n) return null;
    return (BigInt(pts) * numerator * 1_000_000_000n) / denominator;
  }
}
