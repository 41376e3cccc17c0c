/** What had come, or gone, at a moment. */
interface Mark {
  readonly at: number;
  readonly bytes: number;
}

/** The least that is right, and for how long less is right, too. */
export interface LeastRate {
  readonly bytesPerSecond: number;
  readonly forMs: number;
}

/** How fast bytes come or go, over a while in which there was a reason to expect some. */
export class TransferRate {
  private readonly marks: Mark[] = [];

  /**
   * Notes how much has come in all, from whatever beginning; returns whether it was too little, for too long.
   * To be asked at least four times in `forMs`.
   */
  isBelow({ bytesPerSecond, forMs }: LeastRate, { at, bytes }: Mark): boolean {
    const { marks } = this;
    const last = marks.at(-1);
    // The process was busy, and has not read meanwhile what has come.
    if (last && at - last.at > forMs / 2) marks.length = 0;
    marks.push({ at, bytes });
    // The newest mark that is old enough is where the time begins that is looked at.
    while (marks.length > 1 && at - marks[1]!.at >= forMs) marks.shift();
    const [begin] = marks as [Mark];
    const ms = at - begin.at;
    return ms >= forMs && (bytes - begin.bytes) * 1000 < bytesPerSecond * ms;
  }

  /** There is nothing to expect now: what follows begins anew. */
  reset(): void {
    this.marks.length = 0;
  }
}
