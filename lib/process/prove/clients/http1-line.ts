import { Agent, request, type ClientRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
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

/** Node's client over a connection that is already there. It keeps what the answers let it keep. */
class ConnectionAgent extends Agent {
  constructor(private readonly socket: Socket) {
    super({ keepAlive: true, maxSockets: 1 });
  }

  override createConnection(): Socket {
    return this.socket;
  }

  get isFree(): boolean {
    return Object.keys(this.freeSockets).length > 0;
  }
}

/** Requests over HTTP/1.1, one after the other, by Node's client, which retries nothing. */
export class Http1Line implements Line {
  private readonly agent: ConnectionAgent;
  private used = false;
  private reused = false;

  /** @param onIdleReset The connection was reset while it was kept and no request was open */
  constructor(
    private readonly connection: Connection,
    private readonly onIdleReset: () => void,
  ) {
    this.agent = new ConnectionAgent(connection.socket);
    connection.socket.once('error', () => {
      if (this.agent.isFree) onIdleReset();
    });
  }

  get usable(): boolean {
    const { fault, ended } = this.connection;
    return !fault && !ended && this.agent.isFree;
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
    const exchange = await new OpenRequest(this.connection, this.agent, message, this.reused)
      .outcome;
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
    this.agent.destroy();
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
  private over = false;
  private late = false;

  constructor(
    private readonly connection: Connection,
    agent: Agent,
    message: Message,
    private readonly reused: boolean,
  ) {
    this.outcome = new Promise((resolve) => (this.resolve = resolve));
    this.id = nextId(message);
    this.receivedBefore = connection.received;
    this.writtenBefore = connection.socket.bytesWritten;
    const { url, path } = connection.target;
    const headers = { host: url.host, ...headersOf(message, this.id) };
    this.request = request({ agent, method: message.method, path, headers });
    const timer = setTimeout(() => {
      this.late = true;
      this.request.destroy();
    }, limits.answerMs);
    this.request.once('response', (answer) => this.read(answer, message));
    this.request.on('error', (error) => this.fail(error));
    // With an answer, its own events tell: a slow reader has it in hand when the request has closed.
    this.request.once('close', () => {
      if (!this.hasAnswer) this.fail();
    });
    void this.outcome.then(() => clearTimeout(timer));
    void sendBody(this.request, message, () => this.over || this.request.destroyed);
  }

  private read(answer: IncomingMessage, message: Message): void {
    this.hasAnswer = true;
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
