/** What tells how a start ended. Of each: whether that is news. */
export interface StartAttempt {
  over(): boolean;
  failed(): boolean;
}

/** Why an application that shuts down takes no requests. */
export const BEING_CLOSED = 'the application is being closed';

/** How far the start of a pool has come, as probes are told. */
export class StartPhase {
  private phase: 'waiting' | 'starting' | 'started' | 'closed' = 'waiting';
  private round = 0;

  /** Why the start is not over; undefined: it is. */
  get pending(): string | undefined {
    if (this.phase === 'waiting') return 'the pool is not started';
    return this.phase === 'starting' ? 'the pool is starting' : undefined;
  }

  /** Why the whole takes no requests, whatever its servers are. */
  get unready(): string | undefined {
    return this.phase === 'closed' ? BEING_CLOSED : this.pending;
  }

  /**
   * A start is under way; one that brings up the rest of a started pool changes nothing.
   *
   * @returns What tells how it ended: a start that was stopped meanwhile tells nothing any more
   */
  begin(): StartAttempt {
    if (this.phase === 'waiting') this.phase = 'starting';
    const { round } = this;
    const end = (phase: 'started' | 'waiting'): boolean => {
      const isNews = this.phase === 'starting' && this.round === round;
      if (isNews) this.phase = phase;
      return isNews;
    };
    return { over: () => end('started'), failed: () => end('waiting') };
  }

  /** The pool is stopped, and may be started again. */
  reset(): void {
    if (this.phase === 'closed') return;
    this.round += 1;
    this.phase = 'waiting';
  }

  /** The application has begun to shut down, for good. */
  close(): void {
    this.phase = 'closed';
  }
}
