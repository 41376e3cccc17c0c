import type { ServerResponse } from 'node:http';
import type { Pool } from '../../pool/pool.js';
import type { PoolEvent } from '../../pool/members/pool-event.js';
import type { PooledServer } from '../../server/pooled-server.js';
import { OURS_ALONE, textAnswer, type Exchange } from '../exchange.js';
import { WatchedServer } from './watched-server.js';

const TICK_MS = 1000;
/** What changes by the clock alone, the days of a certificate, is looked at so often. */
const REFRESH_TICKS = 60;
/** How often a silent stream says that it is there: a proxy would end it, and a client that is gone stay. */
const HEARTBEAT_TICKS = 15;
/** More pages than people look at. */
const MAX_STREAMS = 64;
/** A client that reads more slowly than it is told is sent away: it comes again, and begins anew. */
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;

const HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store, no-transform',
  ...OURS_ALONE,
  // nginx would keep the events until it has many.
  'X-Accel-Buffering': 'no',
};

/**
 * Tells open pages what the servers are, by server-sent events: all of it first, then what is new, once a
 * second. While no page is open it watches nothing and has no timer.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export class DashboardFeed {
  private readonly streams = new Set<ServerResponse>();
  private watched = new Map<PooledServer, WatchedServer>();
  /** Of the servers that pages know. */
  private names = new Set<string>();
  private stopWatching: (() => void) | undefined;
  private ticks = 0;
  private toldAt = 0;

  /** @param own The server that the page is on */
  constructor(
    private readonly pool: Pool,
    private readonly own: PooledServer,
  ) {}

  open(exchange: Exchange): void {
    const { request, response } = exchange;
    const isLeaving = this.own.state !== 'running';
    if (isLeaving || this.streams.size >= MAX_STREAMS) {
      const why = isLeaving ? 'The server is about to stop' : 'Too many pages are open';
      return exchange.send(textAnswer(503, why, { 'Retry-After': '2' }));
    }
    response.writeHead(200, HEADERS);
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    if (this.stopWatching === undefined) {
      this.stopWatching = this.watch();
      this.tell();
    }
    this.streams.add(response);
    response.once('close', () => this.closed(response));
    const rows = [...this.watched.values()].map(({ told }) => told);
    response.write(`retry: 2000\n${eventText('all', rows)}`);
  }

  /** Ends every stream: its page comes again, here or elsewhere. */
  endAll(): void {
    for (const stream of this.streams) stream.end();
    this.streams.clear();
    this.rest();
  }

  private closed(stream: ServerResponse): void {
    this.streams.delete(stream);
    if (this.streams.size === 0) this.rest();
  }

  private watch(): () => void {
    const subscription = this.pool.events$.subscribe((event) => this.heard(event));
    const timer = setInterval(() => this.tick(), TICK_MS);
    timer.unref();
    this.toldAt = performance.now();
    return () => {
      subscription.unsubscribe();
      clearInterval(timer);
      for (const server of this.watched.values()) server.close();
      this.watched = new Map();
      this.names = new Set();
    };
  }

  private rest(): void {
    this.stopWatching?.();
    this.stopWatching = undefined;
  }

  private heard({ type, server }: PoolEvent): void {
    for (const watched of this.watched.values()) watched.refresh();
    // It drains, or what it served with until now does: a stream would hold that up.
    if (server === this.own.name && type !== 'health') this.endAll();
  }

  private tick(): void {
    this.ticks += 1;
    if (this.ticks % REFRESH_TICKS === 0) {
      for (const watched of this.watched.values()) watched.refresh();
    }
    const isTold = this.tell();
    if (!isTold && this.ticks % HEARTBEAT_TICKS === 0) this.write(':\n\n');
  }

  /** Tells the open pages what is new. */
  private tell(): boolean {
    const now = performance.now();
    const elapsedMs = Math.max(1, now - this.toldAt);
    this.toldAt = now;
    const before = this.names;
    this.follow();
    const rows = [...this.watched.values()].flatMap((server) => server.news(elapsedMs) ?? []);
    const gone = [...before].filter((name) => !this.names.has(name));
    const text =
      (gone.length > 0
        ? eventText(
            'gone',
            gone.map((name) => JSON.stringify(name)),
          )
        : '') + (rows.length > 0 ? eventText('change', rows) : '');
    if (text !== '') this.write(text);
    return text !== '';
  }

  /** Watches those that are in the pool now. */
  private follow(): void {
    const left = this.watched;
    this.watched = new Map();
    this.names = new Set();
    for (const server of this.pool) {
      this.watched.set(server, left.get(server) ?? new WatchedServer(server));
      this.names.add(server.name);
      left.delete(server);
    }
    for (const server of left.values()) server.close();
  }

  private write(text: string): void {
    for (const stream of this.streams) {
      stream.write(text);
      if (stream.writableLength > MAX_BUFFERED_BYTES) stream.destroy();
    }
  }
}

/** JSON has no line breaks, so that each event is one line of data. */
function eventText(event: string, items: readonly string[]): string {
  return `event: ${event}\ndata: [${items.join(',')}]\n\n`;
}
