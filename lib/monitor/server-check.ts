import type { BoundAddress, HostAndPort } from '../config/address/bound-address.js';
import type { ServerSettings } from '../config/server-settings.js';
import { messageOf } from '../errors/printable.js';
import { ServerError, ServerErrorCode } from '../errors/server.error.js';
import { CheckTimeout, ErrorStatus, probe } from './probe.js';
import type { MonitoredServer } from './server-monitor.js';

/** What a watch needs to know of its server. */
export interface CheckedServer extends MonitoredServer {
  readonly name: string;
  readonly bind: string;
  readonly expose: string;
  readonly state: string;
  readonly disabled: boolean;
  readonly tls: boolean;
  readonly address: BoundAddress | undefined;
  /** The address that it has given up for a change, and may have again. @internal */
  readonly vacated: HostAndPort | undefined;
  /** @internal */
  readonly settings: ServerSettings;
  /** How many requests its limits have turned away. @internal */
  readonly turnedAway: number;
  /** Whether it takes no more connections. @internal */
  readonly isFull: boolean;
  isRunning(): boolean;
  getError(): Error | undefined;
  uptime(): number;
  /** @internal */
  downtime(): number;
  handlerKey(): string;
  handlerGet(key: string): unknown;
  monitorName(): string;
  /** What it is bound with. @internal */
  readonly listener: { readonly bind: { readonly canonical: string } } | undefined;
  /** What it serves TLS with. @internal */
  readonly material: { readonly fingerprint: string } | undefined;
}

/**
 * All that the outcome of a check is about: one that was begun for something else says nothing of this. Undefined while
 * another serves where the server did.
 */
export function checkSubject(server: CheckedServer): readonly unknown[] | undefined {
  if (server.vacated) return undefined;
  const { protocol, proxyProtocol, monitor } = server.settings;
  const { path, checkTimeoutMs } = monitor;
  const key = server.handlerKey();
  const asked = [path, checkTimeoutMs, key, path && server.handlerGet(key)];
  return [...asked, protocol, proxyProtocol.mode, server.listener, server.material?.fingerprint];
}

/** Connects to a server as a client would; rejects with the reason when it is not healthy. */
export async function checkOnce(
  server: CheckedServer,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { name, bind, state, tls, settings, listener } = server;
  const address = server.address ?? server.vacated;
  if (state !== 'running' || address === undefined) throw notRunning(server);
  const { protocol, proxyProtocol, monitor } = settings;
  const { checkTimeoutMs: timeoutMs, path } = monitor;
  const needsProxyHeader = proxyProtocol.mode === 'required';
  const before = { turnedAway: server.turnedAway, isFull: server.isFull };
  const isVacated = server.vacated !== undefined;
  try {
    await probe({ address, secure: tls, protocol, path, timeoutMs, needsProxyHeader }, signal);
  } catch (cause) {
    if (!signal?.aborted && isShed(cause, before, server)) return;
    // Between the end of one listener and the begin of the next nobody is there: of a server that runs on it says nothing.
    const isMoving = isVacated || server.vacated !== undefined || server.listener !== listener;
    if (isMoving && server.state === 'running' && isNobodyThere(cause)) return;
    const reason = isStarved(cause) ? starved(cause) : messageOf(cause);
    const message = `Server '${name}' (${bind}) is not healthy: ${reason}`;
    const details = { server: name, bind, cause };
    throw new ServerError(ServerErrorCode.ERR_SERVER_START, message, details);
  }
}

/** Why a server that does not run is not healthy. */
export function notRunning(server: CheckedServer): ServerError {
  const { name, bind, state } = server;
  const cause = server.getError();
  const why = cause ? `: ${cause.message}` : '';
  const message = `Server '${name}' (${bind}) is not running, it is ${state}${why}`;
  const details = { server: name, bind, cause };
  return new ServerError(ServerErrorCode.ERR_SERVER_START, message, details);
}

/**
 * Who turns clients away because there are too many is busy, not ill. One that answers with another
 * status meanwhile, or not at all, is ill all the same.
 */
function isShed(
  cause: unknown,
  before: Pick<CheckedServer, 'turnedAway' | 'isFull'>,
  now: Pick<CheckedServer, 'turnedAway' | 'isFull'>,
): boolean {
  if (cause instanceof ErrorStatus)
    return cause.status === 503 && now.turnedAway > before.turnedAway;
  return !(cause instanceof CheckTimeout) && (before.isFull || now.isFull);
}

function isNobodyThere(cause: unknown): boolean {
  const { code = '' } = (cause ?? {}) as NodeJS.ErrnoException;
  return ['ECONNREFUSED', 'ENOENT', 'ECONNRESET'].includes(code);
}

/** Such a process accepts connections only to close them, and Node raises no event. */
function isStarved(cause: unknown): boolean {
  return ['EMFILE', 'ENFILE'].includes((cause as NodeJS.ErrnoException | undefined)?.code ?? '');
}

function starved(cause: unknown): string {
  return `the process has no free file descriptor (${messageOf(cause)}); close some, or raise its limit (ulimit -n)`;
}
