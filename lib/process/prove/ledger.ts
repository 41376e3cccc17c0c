import { isOfConnection, type Kind } from './kinds.js';
import type { Exchange, Share } from './clients/exchange.js';

/** What is known of the losses of one kind. */
export interface LossTally {
  count: number;
  readonly sent: Record<Share, number>;
  readonly received: Record<Share, number>;
  /** When the first and the last were lost, in ms after the last signal before each. */
  firstMs: number;
  lastMs: number;
  /** What Node said of the first. */
  readonly error: string | undefined;
}

/** One loss, as `--log` writes it. */
interface Loss {
  readonly kind: Kind;
  /** The `x-request-id` of the request, or of the handshake of a WebSocket. */
  readonly id?: string;
  readonly client: string;
  readonly sent: Share;
  readonly received: Share;
  /** In ms after the signal before it. */
  readonly afterSignalMs: number;
  readonly error?: string;
}

/** A connection that was lost while it carried no request. */
interface LostConnection {
  readonly begunAt: number;
  readonly fault: Error | undefined;
  /** The id of the request that made it what it was, of a WebSocket. */
  readonly id?: string | undefined;
}

const LOCAL_FAULTS = new Set(['EADDRNOTAVAIL', 'EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM']);

/** Counts what became of every request and connection. */
export class Ledger {
  requests = 0;
  answered = 0;
  lost = 0;
  readonly kinds = new Map<Kind, LossTally>();
  readonly losses: Loss[] = [];
  /** Times from request to whole answer, in ms, of the ordinary clients. */
  readonly latencyBefore: number[] = [];
  readonly latencyAround: number[] = [];
  /** A fault of this machine that kept a client from its work. */
  ownFault: Error | undefined;
  private cutWebSockets = 0;
  private signalledAt: number | undefined;
  private stoppedAt = Infinity;

  /** Notes a signal. Connections begun after that of a `stop` may be refused and reset. */
  signalled(options: { readonly stop?: boolean } = {}): void {
    this.signalledAt = performance.now();
    this.stoppedAt = options.stop ? this.signalledAt : Infinity;
  }

  /** The application was started again. */
  started(): void {
    this.stoppedAt = Infinity;
  }

  request(exchange: Exchange, client: { readonly name: string; readonly timed: boolean }): void {
    if (exchange.lost) {
      if (this.isExcused(exchange, exchange.lost) || this.isOwn(exchange.error)) return;
      this.requests += 1;
      this.lose(exchange.lost, exchange, client.name);
      return;
    }
    this.requests += 1;
    this.answered += 1;
    if (!client.timed) return;
    const isAround = this.signalledAt !== undefined && exchange.endedAt >= this.signalledAt;
    const latency = exchange.endedAt - exchange.beganAt;
    (isAround ? this.latencyAround : this.latencyBefore).push(latency);
  }

  /** A connection was lost while it carried no request. */
  connection(kind: Kind, client: string, { begunAt, fault, id }: LostConnection): void {
    const now = performance.now();
    const exchange: Exchange = {
      lost: kind,
      ...(id !== undefined && { id }),
      beganAt: now,
      endedAt: now,
      connectionBegunAt: begunAt,
      sent: 'nothing',
      received: 'nothing',
      error: fault,
    };
    if (!this.isExcused(exchange, kind)) this.lose(kind, exchange, client);
  }

  /** Open WebSockets that their server ended without a close frame: no loss, and told. */
  get webSocketsCut(): number {
    return this.cutWebSockets;
  }

  webSocketCut(): void {
    this.cutWebSockets += 1;
  }

  private isExcused({ connectionBegunAt, received }: Exchange, kind: Kind): boolean {
    return connectionBegunAt >= this.stoppedAt && received === 'nothing' && isOfConnection(kind);
  }

  private isOwn(error: (Error & { code?: string }) | undefined): boolean {
    if (!LOCAL_FAULTS.has(error?.code ?? '')) return false;
    this.ownFault ??= error;
    return true;
  }

  private lose(kind: Kind, exchange: Exchange, client: string): void {
    const { id, sent, received, endedAt, error } = exchange;
    this.lost += 1;
    const afterMs = endedAt - (this.signalledAt ?? endedAt);
    const tally = this.kinds.get(kind) ?? emptyTally(afterMs, error);
    this.kinds.set(kind, tally);
    tally.count += 1;
    tally.sent[sent] += 1;
    tally.received[received] += 1;
    tally.firstMs = Math.min(tally.firstMs, afterMs);
    tally.lastMs = Math.max(tally.lastMs, afterMs);
    const said = error && { error: error.message };
    const afterSignalMs = Math.round(afterMs);
    this.losses.push({ kind, ...(id && { id }), client, sent, received, afterSignalMs, ...said });
  }
}

function emptyTally(afterMs: number, error: Error | undefined): LossTally {
  return {
    count: 0,
    sent: { nothing: 0, part: 0, all: 0 },
    received: { nothing: 0, part: 0, all: 0 },
    firstMs: afterMs,
    lastMs: afterMs,
    error: error?.message,
  };
}
