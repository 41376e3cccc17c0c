import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { setImmediate as nextCheck } from 'node:timers/promises';
import type { Connection } from './connection.js';
import {
  headersOf,
  nextId,
  readAnswer,
  sendBody,
  type Exchange,
  type Line,
  type Message,
} from './exchange.js';
import { limits } from '../limits.js';
import type { Kind } from '../kinds.js';

/**
 * Requests over HTTP/1.1, one after the other, by Node's client, which retries nothing. Without an agent: from
 * Node 22 on, that of Node ends a kept connection without a word, and its reset would not be seen.
 */
export class Http1Line implements Line {
  private used = false;
  private reused = false;
  private isFree = true;
  /** By `performance.now()`: the server has said that it ends the connection then. */
  private keptUntil = Infinity;

  /** @param onIdleReset The connection was reset while it was kept and no request was open */
  constructor(
    private readonly connection: Connection,
    private readonly onIdleReset: () => void,
  ) {
    connection.socket.once('error', () => {
      if (this.isFree) onIdleReset();
    });
  }

  get usable(): boolean {
    const { fault, ended, socket } = this.connection;
    if (fault || ended || socket.destroyed || socket.writableEnded) return false;
    return this.isFree && performance.now() < this.keptUntil;
  }

  async exchange(message: Message): Promise<Exchange | undefined> {
    this.reused = this.used;
    if (this.reused) {
      // Behind the poll phase: a FIN that the kernel already holds has been seen then, and a request
      // is not written onto a connection of which this process could have known that it is over.
      await nextCheck();
      if (!this.usable) return undefined;
    }
    this.used = true;
    this.isFree = false;
    const open = new OpenRequest(this.connection, message, this.reused, (keptForMs) => {
      this.isFree = true;
      this.keptUntil = performance.now() + keptForMs;
    });
    const exchange = await open.outcome;
    return exchange.lost && exchange.sent === 'nothing' ? this.neverBegun(exchange) : exchange;
  }

  /** The connection was over before a byte of the request left: by a FIN that is no loss. */
  private neverBegun(exchange: Exchange): Exchange | undefined {
    const { fault } = this.connection;
    if (!fault) return undefined;
    if (!this.reused) return { ...exchange, lost: 'connect-reset' };
    this.onIdleReset();
    return undefined;
  }

  close(): void {
    this.connection.close();
  }
}

class OpenRequest {
  readonly outcome: Promise<Exchange>;
  private resolve!: (exchange: Exchange) => void;
  private readonly beganAt = performance.now();
  private readonly receivedBefore: number;
  private readonly writtenBefore: number;
  private readonly request: ClientRequest;
  private readonly id: string;
  private hasAnswer = false;
  private keptForMs = Infinity;
  private over = false;
  private late = false;

  constructor(
    private readonly connection: Connection,
    message: Message,
    private readonly reused: boolean,
    private readonly onClose: (keptForMs: number) => void,
  ) {
    this.outcome = new Promise((resolve) => (this.resolve = resolve));
    this.id = nextId(message);
    const { socket, target } = connection;
    this.receivedBefore = connection.received;
    this.writtenBefore = socket.bytesWritten;
    const { url, path } = target;
    const headers = { host: url.host, connection: 'keep-alive', ...headersOf(message, this.id) };
    this.request = request({
      createConnection: () => socket,
      method: message.method,
      path,
      headers,
    });
    const timer = setTimeout(() => {
      this.late = true;
      this.request.destroy();
    }, limits.answerMs);
    this.request.once('response', (answer) => this.read(answer, message));
    this.request.on('error', (error) => this.fail(error));
    // With an answer, its own events tell: a slow reader has it in hand when the request has closed.
    this.request.once('close', () => {
      if (!this.hasAnswer) this.fail();
      this.onClose(this.keptForMs);
    });
    void this.outcome.then(() => clearTimeout(timer));
    void sendBody(this.request, message, () => this.over || this.request.destroyed);
  }

  private read(answer: IncomingMessage, message: Message): void {
    this.hasAnswer = true;
    const [, seconds] = /timeout=(\d+)/.exec(String(answer.headers['keep-alive'])) ?? [];
    if (seconds !== undefined) this.keptForMs = Number(seconds) * 1000;
    answer.on('error', (error) => this.fail(error));
    answer.once('end', () => answer.complete && this.answered(answer));
    answer.once('close', () => this.fail());
    readAnswer(answer, message);
  }

  private answered({ statusCode = 0 }: IncomingMessage): void {
    const status: Kind | undefined = statusCode >= 500 ? `status-${statusCode}` : undefined;
    this.settle({ ...(status && { lost: status }), received: 'all' });
  }

  private fail(error?: Error): void {
    const received = this.connection.received > this.receivedBefore ? 'part' : 'nothing';
    this.settle({ lost: this.kindOfFault(error), received, error });
  }

  private kindOfFault(error?: NodeJS.ErrnoException): Kind {
    if (this.late) return 'timeout';
    if (error?.code?.startsWith('HPE_')) return 'not-http';
    if (this.connection.received > this.receivedBefore) return 'truncated';
    const isRace = this.reused && performance.now() - this.beganAt < limits.raceMs;
    if (isRace) return 'idle-race';
    return this.connection.fault ? 'reset' : 'unanswered';
  }

  private settle(result: Pick<Exchange, 'lost' | 'received' | 'error'>): void {
    if (this.over) return;
    this.over = true;
    const { beganAt, connection, request: sent } = this;
    const some = connection.socket.bytesWritten > this.writtenBefore ? 'part' : 'nothing';
    this.resolve({
      ...result,
      id: this.id,
      beganAt,
      endedAt: performance.now(),
      connectionBegunAt: connection.begunAt,
      sent: sent.writableFinished ? 'all' : some,
    });
  }
}
