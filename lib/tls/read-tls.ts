import { describeValue, isWithoutKey, quote, shownReason } from '../config/redact.js';
import { errorDetailsOf, type ServerSettings } from '../config/server-settings.js';
import type { TlsOptions } from '../config/options/tls.js';
import { messageOf } from '../errors/printable.js';
import { ServerError, ServerErrorCode, type ConfigIssue } from '../errors/server.error.js';
import { readDefaultAnswer, type DefaultTls } from './default-tls.js';
import { knownTls, loadTls } from './load-tls.js';
import type { TlsMaterial } from './tls-material.js';

/**
 * Reads the TLS of a server as far as that needs no waiting, for faults that are told before
 * anything is bound. A default that comes from a function is read at the start.
 */
export function checkTls(
  { tls }: ServerSettings,
  inherited: DefaultTls | undefined,
): ConfigIssue[] {
  // Without its default a server that inherits has no certificate yet: that alone is no fault.
  const awaitsDefault = tls?.inheritDefault === true && typeof inherited === 'function';
  return [
    ...loadTls(tls, awaitsDefault ? undefined : (inherited as TlsOptions), { awaitsDefault })
      .issues,
  ];
}

/** Whether the path of its monitor can be asked; of a default TLS that comes from a function it is told at the start. */
export function checkProbe(
  settings: ServerSettings,
  inherited: DefaultTls | undefined,
): ConfigIssue[] {
  return probeIssues(settings, typeof inherited === 'function' ? undefined : inherited);
}

/**
 * A path can't be asked of a server that wants a certificate of every client: the pool has none, and its
 * monitor would say `down` for ever.
 */
function probeIssues(
  { tls, monitor: { path } }: ServerSettings,
  inherited: TlsOptions | undefined,
): ConfigIssue[] {
  const authClient = tls?.authClient ?? (tls?.inheritDefault ? inherited?.authClient : undefined);
  if (path === undefined || authClient !== 'require') return [];
  const message =
    `${quote(path)} can't be asked while tls.authClient is 'require', for the pool has no certificate ` +
    "of a client: leave the path out, so that the TLS handshake is the check, or give 'request'";
  return [{ path: 'monitor.path', message }];
}

/** Whether there is anything to be read: most servers say nothing of TLS. */
export function saysTls({ tls, tlsMandatory }: ServerSettings): boolean {
  return tls !== undefined || tlsMandatory;
}

/**
 * The TLS material to serve with, read anew; undefined is plain HTTP.
 *
 * @throws ServerError `ERR_SERVER_VALIDATE` for bad material, and for an answer of the default's
 *   function that is bad or that the monitor can't do with, `ERR_SERVER_START` when TLS is
 *   mandatory and there is no certificate
 */
export async function readTls(
  settings: ServerSettings,
  inherited: DefaultTls | undefined,
): Promise<TlsMaterial | undefined> {
  const { name, tls, tlsMandatory } = settings;
  const details = errorDetailsOf(settings);
  const defaults = tls?.inheritDefault ? await resolveDefault(inherited, settings) : undefined;
  const { material, issues } = loadTls(tls, defaults);
  const all = [...issues, ...probeIssues(settings, defaults)];
  if (all.length > 0) throw ServerError.forConfig(all, details);
  if (material === undefined && tls?.inheritDefault && typeof inherited === 'function') {
    // Plain HTTP is what nobody asked for who has a function that gives certificates.
    throw new ServerError(
      ServerErrorCode.ERR_SERVER_START,
      `Server '${name}' inherits the default TLS, and its function gave no certificate: return { certs: [{ cert, key }] }, or leave tls.inheritDefault out`,
      details,
    );
  }
  if (material === undefined && tlsMandatory) {
    throw new ServerError(
      ServerErrorCode.ERR_SERVER_START,
      `Server '${name}' has tlsMandatory and no certificate: give tls.certs, or tls.inheritDefault and a default TLS`,
      details,
    );
  }
  return material;
}

/** Whether reading TLS anew would come to the same material; false too where that can't be told at once. */
export function isCurrent(
  material: TlsMaterial,
  tls: TlsOptions,
  inherited: DefaultTls | undefined,
): boolean {
  if (tls.inheritDefault && typeof inherited === 'function') return false;
  return knownTls(tls, inherited as TlsOptions | undefined) === material;
}

/** Whether a server will speak TLS, as far as that can be told before it starts. */
export function expectsTls({ tls }: ServerSettings, inherited: DefaultTls | undefined): boolean {
  if (tls === undefined) return false;
  if ((tls.certs?.length ?? 0) > 0) return true;
  if (!tls.inheritDefault || inherited === undefined) return false;
  return typeof inherited === 'function' || (inherited.certs?.length ?? 0) > 0;
}

async function resolveDefault(
  inherited: DefaultTls | undefined,
  settings: ServerSettings,
): Promise<TlsOptions | undefined> {
  if (typeof inherited !== 'function') return inherited;
  const { issues, tls } = readDefaultAnswer(await ask(inherited, settings));
  if (issues.length === 0) return tls;
  throw ServerError.forConfig(issues, errorDetailsOf(settings));
}

async function ask(inherited: () => unknown, settings: ServerSettings): Promise<unknown> {
  try {
    return await inherited();
  } catch (cause) {
    const reason = reasonOf(cause);
    // A key that the function took for a path, or for JSON, stands in the error of who read it.
    const why = shownReason(reason);
    throw new ServerError(
      ServerErrorCode.ERR_SERVER_START,
      `Server '${settings.name}' cannot start: the function of the default TLS failed: ${why}`,
      { ...errorDetailsOf(settings), ...(isWithoutKey(cause) && { cause }) },
    );
  }
}

/** A function may reject with anything. */
function reasonOf(cause: unknown): string {
  return messageOf(cause, (other) => `it rejected with ${describeValue(other, { secret: true })}`);
}
