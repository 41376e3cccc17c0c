/** What had come, or gone, at a moment. */
interface Mark {
  readonly at: number;
  readonly bytes: number;
}

/** The least that is right, and for how long less is right, too. */
export interface LeastRate {
  readonly bytesPerSecond: number;
  readonly forMs: number;
  /** So much more may have come, or gone, than is known: who may have been fast enough is not below. */
  readonly unknownBytes?: number;
}

/** How fast bytes come or go, over a while in which there was a reason to expect some. */
export class TransferRate {
  private readonly marks: Mark[] = [];

  /**
   * Notes how much has come in all, from whatever beginning; returns whether it was too little, for too long.
   * To be asked at least four times in `forMs`.
   */
  isBelow({ bytesPerSecond, forMs, unknownBytes = 0 }: LeastRate, { at, bytes }: Mark): boolean {
    const { marks } = this;
    const last = marks.at(-1);
    // The process was busy, and has not read meanwhile what has come.
    if (last && at - last.at > forMs / 2) marks.length = 0;
    marks.push({ at, bytes });
    // The newest mark that is old enough is where the time begins that is looked at.
    while (marks.length > 1 && at - marks[1]!.at >= forMs) marks.shift();
    const [begin] = marks as [Mark];
    const ms = at - begin.at;
    const most = bytes - begin.bytes + unknownBytes;
    return ms >= forMs && most * 1000 < bytesPerSecond * ms;
  }

  /** There is nothing to expect now: what follows begins anew. */
  reset(): void {
    this.marks.length = 0;
  }
}

/** No client is looked at for longer than its grace and this. */
const longestMs = 120_000;

/**
 * For who is told of bytes by the piece, when all of it has gone: the rate is the same, over as long as a piece may
 * take at that rate, and of the piece that is under way all may have gone but for a byte.
 */
export function byThePiece(least: LeastRate, pieceBytes: number): LeastRate {
  const pieceMs = Math.min((pieceBytes * 1000) / least.bytesPerSecond, longestMs);
  return { ...least, forMs: least.forMs + pieceMs, unknownBytes: pieceBytes };
}
