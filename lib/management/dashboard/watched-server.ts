import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerProtocol } from '../../config/server.config.js';
import type { PooledServer } from '../../server/pooled-server.js';
import { knownHealth } from '../../server/server-health.js';
import { isEventStream } from '../../server/transport/answer/event-stream.js';
import type { ServerEvents } from '../../server/transport/events/server-events.js';
import { firstEnd, type TlsMaterial } from '../../tls/tls-material.js';
import { Latencies, type LatencySummary } from './latencies.js';

const DAY_MS = 24 * 60 * 60 * 1000;

const begun = Symbol('nestjs-http-pool.dashboard.begun');

type Tagged = ServerResponse & { [begun]?: number };

/** When the first of the certificates of a server ends. */
interface CertificateEnd {
  /** Whole days until then; below 0: it has ended. */
  readonly days: number;
  /** It is time to renew it, as the `expiryWarning` of the server says. */
  readonly isDue: boolean;
}

/** One line of the page. */
interface DashboardRow extends LatencySummary {
  readonly name: string;
  readonly bind: string;
  readonly expose: string;
  readonly protocol: string;
  readonly state: string;
  readonly health: string;
  /** Why it is not up. */
  readonly reason?: string;
  /** Absent of a server that serves no TLS. */
  readonly certificate?: CertificateEnd;
  readonly connections: number;
  /** Those kinds that there are. */
  readonly kinds: Readonly<Record<string, number>>;
  readonly inFlight: number;
}

/** Watches one server while a page is open, and knows whether there is something new to tell. */
export class WatchedServer implements ServerEvents {
  /** What was told last, as it was sent. */
  told = '';
  private isStale = true;
  private readonly latencies = new Latencies();
  private readonly unobserve: () => void;

  constructor(private readonly server: PooledServer) {
    this.unobserve = server.observe(this);
  }

  close(): void {
    this.unobserve();
  }

  /** It may have changed in a way that it does not tell by itself. */
  refresh(): void {
    this.isStale = true;
  }

  connectionAccepted(): void {
    this.isStale = true;
  }

  connectionKindChanged(): void {
    this.isStale = true;
  }

  connectionClosed(): void {
    this.isStale = true;
  }

  requestBegun(_request: IncomingMessage, response: ServerResponse): void {
    this.isStale = true;
    (response as Tagged)[begun] = performance.now();
  }

  requestEnded(_request: IncomingMessage, response: ServerResponse): void {
    this.isStale = true;
    const at = (response as Tagged)[begun];
    // One that is open for as long as its client likes, this page's own among them, says nothing of latency.
    if (at === undefined || isEventStream(response)) return;
    this.latencies.add(performance.now() - at);
  }

  /** The row as JSON, where it is another one than the last time. */
  news(elapsedMs: number): string | undefined {
    if (!this.isStale) return undefined;
    const row = this.row(this.latencies.take(elapsedMs));
    // A rate goes back to nothing by itself.
    this.isStale = row.rate > 0;
    const text = JSON.stringify(row);
    if (text === this.told) return undefined;
    this.told = text;
    return text;
  }

  private row(summary: LatencySummary): DashboardRow {
    const { server } = this;
    const { name, bind, expose, state, protocol, tls, connections, inFlight } = server.stats();
    const { status, disabled, message } = knownHealth(server);
    const kinds = Object.entries(server.connectionsByKind()).filter(([, count]) => count > 0);
    const certificate = certificateEnd(server.material);
    return {
      name,
      bind,
      expose,
      protocol: protocolOf(protocol, tls),
      state,
      health: disabled ? 'disabled' : status,
      ...(message !== undefined && { reason: message }),
      ...(certificate && { certificate }),
      connections,
      kinds: Object.fromEntries(kinds),
      inFlight,
      ...summary,
    };
  }
}

function certificateEnd(material: TlsMaterial | undefined): CertificateEnd | undefined {
  const now = Date.now();
  const first = material && firstEnd(material, now);
  if (first === undefined) return undefined;
  const { certificate, isDue } = first;
  return { days: Math.floor((certificate.notAfter - now) / DAY_MS), isDue };
}

function protocolOf(protocol: ServerProtocol, tls: boolean): string {
  if (protocol === 'http1') return tls ? 'https' : 'http1';
  return tls ? 'http2 and https' : 'h2c';
}
