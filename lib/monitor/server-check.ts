import type { BoundAddress, HostAndPort } from '../config/address/bound-address.js';
import type { ServerSettings } from '../config/server-settings.js';
import { messageOf } from '../errors/printable.js';
import { ServerError, ServerErrorCode } from '../errors/server.error.js';
import { untimelyOf, type TlsMaterial } from '../tls/tls-material.js';
import { CheckTimeout, ErrorStatus, probe } from './probe.js';
import { FutureCertificate, UntimelyCertificate } from './probe-connection.js';
import { isSameSubject, type MonitoredServer, type Subject } from './server-monitor.js';
import { TurnedAway } from './turned-away.js';

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
  /** Tells whom it turns away. @internal */
  observe(observer: TurnedAway): () => void;
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
  readonly material:
    Pick<TlsMaterial, 'fingerprint' | 'certificates' | 'expiryWarningMs'> | undefined;
}

/**
 * All that the outcome of a check is about: one that was begun for something else says nothing of this. Undefined while
 * another serves where the server did.
 */
export function checkSubject(server: CheckedServer): Subject | undefined {
  if (server.vacated || server.address === undefined) return undefined;
  const { protocol, proxyProtocol, monitor } = server.settings;
  const { path, checkTimeoutMs } = monitor;
  const key = server.handlerKey();
  const asked = [path, checkTimeoutMs, key, path && server.handlerGet(key)];
  return [...asked, protocol, proxyProtocol.mode, server.listener, server.material?.fingerprint];
}

/**
 * Connects to a server as a client would; rejects with the reason when it is not healthy. What it finds of a server that
 * is served otherwise by then counts for nothing, and it looks again, in the time that is left.
 */
export async function checkOnce(
  server: CheckedServer,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { checkTimeoutMs } = server.settings.monitor;
  const began = performance.now();
  for (let timeoutMs = checkTimeoutMs; ;) {
    const subject = checkSubject(server);
    const found = await look(server, timeoutMs, signal);
    if (found === undefined) return;
    timeoutMs = Math.floor(checkTimeoutMs - (performance.now() - began));
    const isChanged = server.state === 'running' && !isSameSubject(subject, checkSubject(server));
    if (isChanged && isNobodyThere(found.cause)) return;
    if (!isChanged || signal?.aborted || timeoutMs < 1) throw found;
  }
}

/** What speaks against the health of a server now. */
async function look(
  server: CheckedServer,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<ServerError | undefined> {
  const { state, tls, settings, vacated } = server;
  const address = server.address ?? vacated;
  if (state !== 'running') return notRunning(server);
  if (address === undefined) return unhealthy(server, new Error('another server has its address'));
  const { protocol, proxyProtocol, monitor } = settings;
  const needsProxyHeader = proxyProtocol.mode === 'required';
  const { path } = monitor;
  let port: number | undefined;
  const connected = (from: number | undefined): void => {
    port = from;
  };
  const turnedAway = new TurnedAway(server);
  try {
    const target = { address, secure: tls, protocol, path, timeoutMs, needsProxyHeader };
    await probe({ ...target, connected }, signal);
    const untimely = server.material && untimelyOf(server.material, Date.now());
    return untimely === undefined
      ? undefined
      : unhealthy(server, new UntimelyCertificate(untimely));
  } catch (cause) {
    if (!signal?.aborted && isShed(cause, turnedAway, port)) return undefined;
    // Between the end of one listener and the begin of the next nobody is there: of a server that runs on it says nothing.
    const isMoving = vacated !== undefined || server.vacated !== undefined;
    if (isMoving && server.state === 'running' && isNobodyThere(cause)) return undefined;
    return unhealthy(server, cause);
  } finally {
    turnedAway.close();
  }
}

function unhealthy({ name, bind }: CheckedServer, cause: unknown): ServerError {
  // OpenSSL ends its own with a line feed.
  const reason = isStarved(cause) ? starved(cause) : messageOf(cause).trim();
  const message = `Server '${name}' (${bind}) is not healthy: ${reason}`;
  return new ServerError(ServerErrorCode.ERR_SERVER_START, message, { server: name, bind, cause });
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
 * status meanwhile, or shows a certificate that is not valid, or does not answer at all, is ill all the same.
 */
function isShed(cause: unknown, turnedAway: TurnedAway, port: number | undefined): boolean {
  if (cause instanceof ErrorStatus) return cause.status === 503 && turnedAway.hasRequestFrom(port);
  return isEnd(cause) && turnedAway.hasConnectionFrom(port);
}

/** That a connection came to its end, and not what came by it. */
function isEnd(cause: unknown): boolean {
  const isFound = [CheckTimeout, FutureCertificate, UntimelyCertificate].some(
    (finding) => cause instanceof finding,
  );
  const { code } = (cause ?? {}) as NodeJS.ErrnoException;
  return (
    !isFound && !isStarved(cause) && (code === undefined || /^(?:E[A-Z]+$|ERR_HTTP2_)/.test(code))
  );
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
