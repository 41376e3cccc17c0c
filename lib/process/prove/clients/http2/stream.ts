import { performance } from 'node:perf_hooks';
import type { Exchange, Message } from '../exchange.js';
import type { Kind } from '../../kinds.js';
import { limits } from '../../limits.js';
import { SendWindow } from './send-window.js';

interface StreamFacts {
  readonly id: number;
  readonly requestId: string;
  readonly message: Message;
  readonly connectionBegunAt: number;
  /** Not the first request on its connection. */
  readonly reused: boolean;
  readonly windowBytes: number;
}

/** One request over HTTP/2 and what came of its answer. */
export class Http2Stream {
  readonly outcome: Promise<Exchange>;
  readonly window: SendWindow;
  readonly beganAt = performance.now();
  private answeredWith: number | undefined;
  private isSent = false;
  /** Bytes of the answer that the server was not told of yet that they were read. */
  private unacknowledged = 0;
  private resolve!: (exchange: Exchange) => void;
  private over = false;

  constructor(readonly facts: StreamFacts) {
    this.window = new SendWindow(facts.windowBytes);
    this.outcome = new Promise((resolve) => (this.resolve = resolve));
  }

  get isOver(): boolean {
    return this.over;
  }

  /** Of the answer; undefined before its headers have come. */
  get status(): number | undefined {
    return this.answeredWith;
  }

  /** The headers of the answer have come. */
  answered(status: number): void {
    this.answeredWith = status;
  }

  /** The whole request was written. */
  sent(): void {
    this.isSent = true;
  }

  /**
   * Bytes of the answer were read.
   *
   * @returns of how many the server is to be told now; 0 until it is worth a frame
   */
  read(bytes: number, worthAFrame: number): number {
    this.unacknowledged += bytes;
    if (this.unacknowledged < worthAFrame) return 0;
    const read = this.unacknowledged;
    this.unacknowledged = 0;
    return read;
  }

  /** The server has ended the stream. */
  ended(): void {
    const { status } = this;
    if (status === undefined) this.fail('not-http');
    else if (status >= 500) this.settle('all', { lost: `status-${status}` });
    else this.settle('all', {});
  }

  reset(isRefused: boolean): void {
    if (isRefused) this.fail('refused-stream');
    else this.fail(this.status === undefined ? 'reset-stream' : 'truncated');
  }

  /** The connection came to its end below it. */
  cutOff(fault: Error | undefined): void {
    if (this.status !== undefined) return this.fail('truncated', fault);
    const isRace = this.facts.reused && performance.now() - this.beganAt < limits.raceMs;
    if (isRace) return this.fail('idle-race', fault);
    this.fail(fault ? 'reset' : 'unanswered', fault);
  }

  fail(lost: Kind, error?: Error): void {
    const received = this.status === undefined ? 'nothing' : 'part';
    this.settle(received, { lost, ...(error && { error }) });
  }

  private settle(received: Exchange['received'], result: Pick<Exchange, 'lost' | 'error'>): void {
    if (this.over) return;
    this.over = true;
    // Whoever waits for its window finds that it is over.
    this.window.add(0);
    this.resolve({
      ...result,
      id: this.facts.requestId,
      beganAt: this.beganAt,
      endedAt: performance.now(),
      connectionBegunAt: this.facts.connectionBegunAt,
      sent: this.isSent ? 'all' : 'part',
      received,
    });
  }
}
