import { randomBytes } from 'node:crypto';
import { request, type IncomingMessage } from 'node:http';
import type { Connection } from './connection.js';
import { nextId, type Exchange, type Message } from './exchange.js';
import { limits } from '../limits.js';
import type { Kind } from '../kinds.js';
import { clientFrame, ControlFrames } from './web-socket-frames.js';

const GOING_AWAY = Buffer.from([0x03, 0xe9]);

/** How an open WebSocket came to its end. */
type WebSocketEnd = 'close-frame' | 'fin' | 'reset' | 'own';

/** A WebSocket that is opened, held in silence, and closed by either side. */
export class WebSocketClient {
  private opened = false;
  private told = false;
  /** A write may meet a connection that the server has just left, and is then answered by a reset. */
  private wroteLast = false;
  private end!: (end: WebSocketEnd) => void;
  private readonly ended = new Promise<WebSocketEnd>((resolve) => (this.end = resolve));

  constructor(
    private readonly connection: Connection,
    private readonly message: Message,
  ) {}

  get isOpen(): boolean {
    return this.opened;
  }

  /** The handshake; an answer below 500 other than 101 leaves it closed and is no loss. */
  async open(): Promise<Exchange> {
    const beganAt = performance.now();
    const id = nextId(this.message);
    const { connection } = this;
    const { url, path } = connection.target;
    const headers = {
      host: url.host,
      origin: url.origin,
      'x-request-id': id,
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': randomBytes(16).toString('base64'),
    };
    const upgrade = request({ path, headers, createConnection: () => connection.socket });
    const result = await new Promise<Pick<Exchange, 'lost' | 'error'>>((resolve) => {
      const timer = setTimeout(() => resolve({ lost: 'timeout' }), limits.answerMs);
      const settle = (outcome: Pick<Exchange, 'lost' | 'error'>): void => {
        clearTimeout(timer);
        resolve(outcome);
      };
      upgrade.once('upgrade', (_answer, _socket, head) => {
        this.hold(head);
        settle({});
      });
      upgrade.once('response', (answer) => this.refused(answer, settle));
      upgrade.on('error', (error) => settle({ lost: this.kindOfFault(error), error }));
      upgrade.once('close', () => settle({ lost: this.kindOfFault() }));
      upgrade.end();
    });
    const sent = connection.socket.bytesWritten > 0 ? 'all' : 'nothing';
    const some = connection.received > 0 ? 'part' : 'nothing';
    return {
      ...result,
      id,
      beganAt,
      endedAt: performance.now(),
      connectionBegunAt: connection.begunAt,
      sent,
      received: result.lost && !result.lost.startsWith('status-') ? some : 'all',
    };
  }

  /** Waits for the server to end it, and ends it itself when `signal` aborts. */
  async held(signal: AbortSignal): Promise<WebSocketEnd> {
    const leave = (): void => {
      this.write('close', GOING_AWAY);
      this.end('own');
    };
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
    const end = await this.ended;
    signal.removeEventListener('abort', leave);
    this.connection.socket.end();
    return end;
  }

  close(): void {
    this.connection.close();
  }

  private hold(head: Buffer): void {
    this.opened = true;
    const { socket } = this.connection;
    const frames = new ControlFrames((type, payload) => {
      if (type === 'ping') this.write('pong', payload);
      if (type !== 'close' || this.told) return;
      this.told = true;
      this.write('close', payload.subarray(0, 2));
      this.end('close-frame');
    });
    socket.on('data', (chunk: Buffer) => {
      this.wroteLast = false;
      frames.push(chunk);
    });
    socket.once('end', () => this.end('fin'));
    socket.once('error', () => this.end(this.wroteLast ? 'fin' : 'reset'));
    socket.once('close', () => this.end('fin'));
    frames.push(head);
    socket.resume();
  }

  private write(type: 'close' | 'pong', payload: Buffer): void {
    this.wroteLast = true;
    if (this.connection.socket.writable) this.connection.socket.write(clientFrame(type, payload));
  }

  private refused(answer: IncomingMessage, settle: (o: Pick<Exchange, 'lost'>) => void): void {
    const { statusCode = 0 } = answer;
    answer.on('error', () => settle({ lost: 'truncated' }));
    answer.once('end', () => settle(statusCode >= 500 ? { lost: `status-${statusCode}` } : {}));
    answer.resume();
  }

  private kindOfFault(error?: NodeJS.ErrnoException): Kind {
    if (error?.code?.startsWith('HPE_')) return 'not-http';
    if (this.connection.received > 0) return 'truncated';
    return this.connection.fault ? 'reset' : 'unanswered';
  }
}
