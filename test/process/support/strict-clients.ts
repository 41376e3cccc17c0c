import { Agent, request, type IncomingMessage } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import { EventEmitter, once } from 'node:events';

export interface StrictOptions {
  readonly clients?: number;
  /** The longest pause between two requests, in ms. */
  readonly pauseMs?: number;
  readonly socketPath?: string;
}

/**
 * Clients that retry nothing: half of them keep their connection and pause on it, half connect anew,
 * every other request is a POST whose body has to come back.
 */
export class StrictClients {
  private static readonly all = new Set<StrictClients>();

  /** For an `afterEach`. */
  static async endAll(): Promise<void> {
    await Promise.all([...StrictClients.all].map((clients) => clients.end()));
    StrictClients.all.clear();
  }

  /** What of the answers' first word there was, by how often. */
  readonly answers = new Map<string, number>();
  readonly failures: string[] = [];
  private readonly answering = new EventEmitter();
  private count = 0;
  private isOver = false;
  private readonly running: Promise<void>[];

  constructor(
    private readonly url: string,
    private readonly options: StrictOptions = {},
  ) {
    const { clients = 16 } = options;
    StrictClients.all.add(this);
    this.running = Array.from({ length: clients }, (_, index) => this.run(index % 2 === 0));
  }

  get answered(): number {
    return this.count;
  }

  /** Until somebody who says `who` has answered. */
  async answeredBy(who: string): Promise<void> {
    while (!this.answers.has(who)) await once(this.answering, 'answer');
  }

  /** Until so many have answered. */
  async answeredByMany(many: number): Promise<void> {
    while (this.answers.size < many) await once(this.answering, 'answer');
  }

  /** Ends with the answers that are under way. */
  async end(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.running);
  }

  private async run(keepAlive: boolean): Promise<void> {
    const agent = new Agent({ keepAlive, maxSockets: 1 });
    const { pauseMs = 50 } = this.options;
    for (let index = 0; !this.isOver; index += 1) {
      try {
        await this.exchange(agent, index % 2 === 0 ? undefined : `body ${index}`);
        this.count += 1;
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        this.failures.push(`${keepAlive ? 'kept' : 'new'} ${code ?? message}`);
      }
      await wait(Math.random() * pauseMs);
    }
    agent.destroy();
  }

  private async exchange(agent: Agent, body: string | undefined): Promise<void> {
    const { socketPath } = this.options;
    const method = body === undefined ? 'GET' : 'POST';
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request(this.url, { agent, method, ...(socketPath ? { socketPath } : {}) })
        .on('response', resolve)
        .on('error', reject)
        .end(body);
    });
    const answer = await text(response);
    if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`);
    if (body !== undefined && !answer.endsWith(body)) throw new Error(`answered '${answer}'`);
    const [who = ''] = answer.split(' ');
    this.answers.set(who, (this.answers.get(who) ?? 0) + 1);
    this.answering.emit('answer');
  }
}
