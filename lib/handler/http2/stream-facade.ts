import { constants, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { SocketInternals } from './internals.js';

/** The connection's socket, behind the facade of one stream. */
export const rawSocket = Symbol('nestjs-http-pool.raw-socket');

/** The members of a socket that are about one stream, not about the connection: its state, its end, its events. */
export class StreamFacade implements SocketInternals {
  readonly [rawSocket]: Socket;
  _httpMessage: SocketInternals['_httpMessage'] = null;
  readonly _hadError = false;
  /** Node's own two, and what the handler adds before it sets a time. */
  private readonly timeoutListeners: number;
  private isTimed = false;

  constructor(
    socket: Socket,
    private readonly stream: ServerHttp2Stream,
  ) {
    this[rawSocket] = socket;
    this.timeoutListeners = stream.listenerCount('timeout');
  }

  get destroyed(): boolean {
    return this.stream.destroyed || this.stream.closed;
  }
  get closed(): boolean {
    return this.stream.closed;
  }
  /** As long as the stream is there, as a kept-alive connection is writable also when an answer has ended. */
  get writable(): boolean {
    return !this.destroyed;
  }
  get readable(): boolean {
    return !this.destroyed;
  }
  get readableHighWaterMark(): number {
    return this.stream.readableHighWaterMark;
  }
  get writableHighWaterMark(): number {
    return this.stream.writableHighWaterMark;
  }
  get writableLength(): number {
    return this.stream.writableLength;
  }
  get writableNeedDrain(): boolean {
    return this.stream.writableNeedDrain;
  }
  get writableCorked(): number {
    return this.stream.writableCorked;
  }
  get _writableState(): unknown {
    return (this.stream as unknown as SocketInternals)._writableState;
  }

  cork(): void {
    this.stream.cork();
  }
  uncork(): void {
    this.stream.uncork();
  }
  pause(): this {
    this.stream.pause();
    return this;
  }
  resume(): this {
    this.stream.resume();
    return this;
  }

  /** Only HTTP/2 writes to the connection. Node itself calls this with nothing to write. */
  write(chunk: string | Uint8Array): boolean {
    if (chunk.length === 0) return true;
    throw Object.assign(new Error('HTTP/2 sockets should not be directly written to'), {
      code: 'ERR_HTTP2_NO_SOCKET_MANIPULATION',
    });
  }

  /** As over HTTP/1 the exchange ends with it: what is not answered whole by now must not look as if it were. */
  end(chunk?: unknown): this {
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) this.write(chunk);
    return this.stream.writableEnded ? this : this.destroy();
  }

  /** Resets the stream with an error, so that its client can tell that the answer is not whole. */
  destroy(): this {
    if (!this.destroyed) this.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    return this;
  }

  destroySoon(): void {
    this.end();
  }

  setTimeout(ms: number, callback?: () => void): this {
    if (callback) this.stream.once('timeout', callback);
    if (!this.isTimed) this.stream.on('timeout', () => this.onTimeout());
    this.isTimed = true;
    this.stream.setTimeout(ms);
    return this;
  }

  /** As over HTTP/1: when nobody listens for the timeout, it ends the exchange. */
  private onTimeout(): void {
    const response = this._httpMessage;
    const request = response?.req;
    const isHeard = this.stream.listenerCount('timeout') > this.timeoutListeners + 1;
    const heard = [request?.complete === false && request.emit('timeout', this)];
    heard.push(response?.emit('timeout', this) === true, isHeard);
    if (!heard.includes(true)) this.destroy();
  }
}

type Emitter = Record<string, (...args: unknown[]) => unknown>;

/** What happens to the socket is what happens to the stream. */
const EVENTS = [
  'on',
  'once',
  'off',
  'addListener',
  'prependListener',
  'prependOnceListener',
  'removeListener',
  'removeAllListeners',
  'setMaxListeners',
  'getMaxListeners',
  'emit',
  'eventNames',
  'listenerCount',
  'listeners',
  'rawListeners',
];

for (const name of EVENTS) {
  const value = function (this: { stream: Emitter }, ...args: unknown[]): unknown {
    const outcome = this.stream[name]?.(...args);
    return outcome === this.stream ? this : outcome;
  };
  Object.defineProperty(StreamFacade.prototype, name, {
    value,
    writable: true,
    configurable: true,
  });
}
