import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ExpressFinal, ExpressListener } from '../handler/express-final.js';
import {
  OPTIONAL_LISTENERS,
  type ClientErrorListener,
  type Handler,
  type SocketListener,
} from '../handler/handler.js';
import { isThenable } from '../handler/thenable.js';

type Listener = (...args: unknown[]) => unknown;

/** An event that is handed on only while the application's server has listeners for it. */
type OptionalEvent = (typeof OPTIONAL_LISTENERS)[number];

/** Those that are about connections, whatever is served on them. */
const OF_CONNECTIONS: ReadonlySet<string | symbol> = new Set(['checkExpectation', 'clientError']);

/** How the bridge is set up. */
export interface NestAppBridgeOptions {
  /** Whether Express stands behind the server. */
  express: boolean;
  /** The server of the whole application, where `server` is that of a part: it has these events. */
  whole?: Server;
  /** Told of a new handler when a server began or ceased to take upgrades and their like. */
  onChange?: (handler: Handler) => void;
}

/**
 * The Nest application as a handler: calls the listeners of its own HTTP server, which need not
 * listen. Not the Express function, for then Fastify and the polling transport of socket.io would
 * be left out; and not `emit`, for tracing that patches it would count each request twice.
 */
export class NestAppBridge {
  /** Listeners by event as they were at the last call; an entry is dropped when they change. */
  private readonly cached = new Map<string | symbol, readonly Listener[]>();
  private readonly watched: readonly (() => void)[];
  private current: Handler;

  constructor(
    private readonly server: Server,
    private readonly options: NestAppBridgeOptions,
  ) {
    this.current = this.compose((event) => this.serverFor(event).listenerCount(event) > 0);
    const servers = new Set([server, options.whole ?? server]);
    this.watched = [...servers].map((one) => this.watch(one));
  }

  /** The handler as of now; it is replaced, never changed. */
  get handler(): Handler {
    return this.current;
  }

  /** Leaves the servers as they were found. */
  close(): void {
    for (const release of this.watched) release();
    this.cached.clear();
  }

  private readonly request: ExpressListener = (request, response, final) =>
    this.call('request', request, response, final);

  private readonly checkContinue: RequestListener = (request, response) =>
    this.call('checkContinue', request, response);

  private readonly checkExpectation: RequestListener = (request, response) =>
    this.call('checkExpectation', request, response);

  private readonly clientError: ClientErrorListener = (error, socket) =>
    this.call('clientError', error, socket) as void;

  private readonly upgrade: SocketListener = (request, socket, head) =>
    this.call('upgrade', request, socket, head);

  private readonly connect: SocketListener = (request, socket, head) =>
    this.call('connect', request, socket, head);

  private call(
    event: string,
    subject: IncomingMessage | Error,
    target: ServerResponse | Duplex,
    third?: Buffer | ExpressFinal,
  ): unknown {
    const listeners = this.cached.get(event) ?? this.read(event);
    const server = this.serverFor(event);
    if (listeners.length === 1) {
      return Reflect.apply(listeners[0] as Listener, server, [subject, target, third]);
    }
    const promises: unknown[] = [];
    try {
      for (const listener of listeners) {
        const outcome: unknown = Reflect.apply(listener, server, [subject, target, third]);
        if (isThenable(outcome)) promises.push(outcome);
      }
    } catch (error) {
      // Those before it may have given promises, and these may fail as well.
      promises.unshift(Promise.reject(error as Error));
    }
    return promises.length > 0 ? Promise.all(promises) : undefined;
  }

  /** `rawListeners`, so that a `once` listener is still removed by its call. */
  private read(event: string): readonly Listener[] {
    const listeners = this.serverFor(event).rawListeners(event) as Listener[];
    this.cached.set(event, listeners);
    return listeners;
  }

  private serverFor(event: string | symbol): Server {
    const { whole } = this.options;
    return whole !== undefined && OF_CONNECTIONS.has(event) ? whole : this.server;
  }

  private watch(server: Server): () => void {
    // Node emits this one before it adds the listener: what is read now would lack it.
    const onNew = (event: string | symbol): void => this.changed(server, event, true);
    const onRemoved = (event: string | symbol): void =>
      this.changed(server, event, server.listenerCount(event) > 0);
    server.on('newListener', onNew).on('removeListener', onRemoved);
    return () => void server.off('newListener', onNew).off('removeListener', onRemoved);
  }

  private changed(server: Server, event: string | symbol, present: boolean): void {
    if (server !== this.serverFor(event)) return;
    this.cached.delete(event);
    const changed = OPTIONAL_LISTENERS.find((name) => name === event);
    if (changed === undefined || (this.current[changed] !== undefined) === present) return;
    const before = this.current;
    this.current = this.compose((name) =>
      name === changed ? present : before[name] !== undefined,
    );
    this.options.onChange?.(this.current);
  }

  /** An upgrade that nobody takes must stay an ordinary request, so the member must be absent. */
  private compose(has: (event: OptionalEvent) => boolean): Handler {
    const { request, upgrade, connect, checkContinue, checkExpectation, clientError } = this;
    const optional = { upgrade, connect, checkContinue, checkExpectation, clientError };
    const present = OPTIONAL_LISTENERS.filter(has).map((event) => [event, optional[event]]);
    return Object.freeze({
      request,
      ...(Object.fromEntries(present) as Partial<typeof optional>),
      express: this.options.express,
    });
  }
}
