import type { IncomingMessage } from 'node:http';
import { quote } from '../../config/redact.js';
import type { ServerSettings } from '../../config/server-settings.js';
import {
  describeThrown,
  printable,
  printableLines,
  requestLine,
  stackOf,
} from '../../errors/printable.js';
import { ClientComplaints } from './client-complaints.js';
import { describeChange, type ChangedServer } from './describe-change.js';
import { dropsLine, silentLogger, type PoolLogger } from './pool-logger.js';
import { FailureLog } from './failure-log.js';
import { logLater } from './guarded-logger.js';
import type { ServerChange } from '../server-state.js';
import type { OnSlowClient } from '../transport/limits/slow-clients.js';
import type { OnWrongProtocol } from '../transport/wrong-protocol.js';

/** What a line says of its server. */
export interface LoggedServer {
  readonly name: string;
  readonly bind: string;
  readonly expose: string;
  readonly url: string | undefined;
  readonly state: string;
  /** @internal */
  readonly settings: ServerSettings;
  /** What it is bound with. @internal */
  readonly listener: { readonly bind: { readonly canonical: string } } | undefined;
}

/** Of the requests that a stop has cut, in its log line. */
const mostRequestsShown = 5;

/** Writes the log lines of one server: each names it, and those that clients can cause are limited in number. */
export class ServerLog<Server extends LoggedServer> {
  /** Where it was bound last: its lines go on to say so when it has let the address go. */
  private boundAt: string | undefined;
  private madeFailures: FailureLog | undefined;
  private madeComplaints: ClientComplaints | undefined;

  constructor(
    readonly owner: Server,
    readonly logger: PoolLogger = silentLogger,
  ) {}

  handlerFailed(error: unknown, request: IncomingMessage): void {
    const rest = this.failures.next();
    if (rest === undefined) return;
    const asked = printable(requestLine(request));
    const text = `handler failed on ${asked}: ${describeThrown(error)}${rest}`;
    this.log('error', this.named(text), stackOf(error));
  }

  requestsCut(requests: readonly string[]): void {
    const shown = requests.slice(0, mostRequestsShown).map((asked) => quote(asked));
    const rest = requests.length - shown.length;
    const text = `${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
    this.warn(`the grace ran out, cut before they were answered: ${text}`);
  }

  clientWasSlow(...slow: Parameters<OnSlowClient>): void {
    this.complaints.wasSlow(...slow);
  }

  wrongProtocol(...spoken: Parameters<OnWrongProtocol>): void {
    this.complaints.spokeWrongly(...spoken);
  }

  observerFailed(error: unknown): void {
    const rest = this.failures.next();
    if (rest === undefined) return;
    this.log('error', this.named(`an observer failed: ${describeThrown(error)}${rest}`));
  }

  /** Nobody awaits what failed. */
  failedUnawaited(error: Error): void {
    this.log('error', error.message, stackOf(error));
  }

  handlerRefused({ message }: Error): void {
    this.log('error', message);
  }

  retriesExhausted(restarts: number): void {
    const times = restarts === 1 ? '1 restart' : `${restarts} restarts`;
    this.log('error', this.named(`is down after ${times}, and stays as it is`));
  }

  protected warn(text: string): void {
    this.log('warn', this.named(text));
  }

  protected logChange(change: ServerChange): void {
    if (change.state === 'stopped') this.tellLeftOut();
    if (change.state === 'starting') this.madeComplaints = undefined;
    if (this.logger === silentLogger) return;
    const { level, text } = describeChange(change, this.changedServer());
    this.log(level, text);
  }

  private tellLeftOut(): void {
    const leftOut = this.madeFailures?.takeLeftOut();
    if (leftOut !== undefined) this.log('error', this.named(leftOut));
    this.madeComplaints?.sayLeftOut();
  }

  private changedServer(): ChangedServer {
    const { name: server, bind, listener, state, url, expose, settings } = this.owner;
    // One that begins anew may be bound elsewhere.
    if (state === 'starting') this.boundAt = undefined;
    this.boundAt = listener?.bind.canonical ?? this.boundAt;
    const isExposed = settings.expose !== undefined && expose !== url;
    return { server, at: this.boundAt ?? bind, url, expose: isExposed ? expose : undefined };
  }

  /** Made with the first one. */
  private get complaints(): ClientComplaints {
    return (this.madeComplaints ??= new ClientComplaints((text) => this.warn(text)));
  }

  /** Made with the first failure. */
  private get failures(): FailureLog {
    return (this.madeFailures ??= new FailureLog());
  }

  private named(text: string): string {
    const { server, at } = this.changedServer();
    return `${printable(server)} (${printable(at)}): ${text}`;
  }

  private log(level: 'log' | 'warn' | 'error', line: string, stack?: string): void {
    // Whatever a message holds of others, it forges no line.
    const text = printableLines(line);
    if (this.logger === silentLogger || dropsLine(this.owner.settings.logFilter, text)) return;
    logLater(this.logger, level, text, stack);
  }
}
