/** Who has one. */
interface Holder {
  /** Nothing can come of it any more. */
  isOver(): boolean;
}

/** How often it is looked at most whether those who have one still need it. */
const lookMs = 100;

/**
 * What there is a limit of. Whoever takes a place gives it back by itself, told by Node's events; a handler may have
 * removed their listeners, or taken its answer off its socket, so those who have one are looked at before one is refused.
 */
export class Slots {
  private readonly holders = new Set<Holder>();
  private lookedAt = -Infinity;

  take(holder: Holder): void {
    this.holders.add(holder);
  }

  /** Nobody has one, be it that they have not given it back. */
  clear(): void {
    this.holders.clear();
  }

  free(holder: Holder): void {
    this.holders.delete(holder);
  }

  /** Whether so many are taken; 0 is no limit. */
  areTaken(limit: number): boolean {
    if (limit === 0 || this.holders.size < limit) return false;
    const now = performance.now();
    if (now - this.lookedAt < lookMs) return true;
    this.lookedAt = now;
    for (const holder of this.holders) if (holder.isOver()) this.holders.delete(holder);
    return this.holders.size >= limit;
  }
}
