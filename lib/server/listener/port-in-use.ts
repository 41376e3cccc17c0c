import type { NetConnectOpts } from 'node:net';
import { BindAddress } from '../../config/address/bind-address.js';
import { ANY_HOST, loopbackOf } from '../../config/address/wildcard-host.js';
import { durationOption, readCallOptions, refusedOption } from '../../config/input/call-options.js';
import type { Duration } from '../../config/duration.js';
import { ServerError, ServerErrorCode } from '../../errors/server.error.js';
import { tryConnect } from './try-connect.js';

/** How long a look at a port may take; one on this machine answers at once. */
const defaultTimeoutMs = 1_000;

/**
 * Whether something accepts connections on an address. A wildcard is asked on this machine: one of
 * IPv6, such as `':8080'`, is dual stack, and in use when either 127.0.0.1 or ::1 answers.
 *
 * @param listen Any form of a TCP or unix address that `listen` takes
 * @param options.timeout Until then without an answer the address counts as not in use; 1 s
 * @throws ServerError `ERR_SERVER_INVALID_ADDRESS` for an address that can't be asked
 */
export async function isPortInUse(
  listen: string,
  options?: { timeout?: Duration | undefined } | null,
): Promise<boolean> {
  const read = readCallOptions(options, ['timeout'], refusedOption);
  const timeoutMs = durationOption(read, 'timeout', refusedOption) ?? defaultTimeoutMs;
  const signal = AbortSignal.timeout(timeoutMs);
  const faults = await Promise.all(
    destinations(listen).map((each) => tryConnect({ ...each, signal })),
  );
  return faults.includes(undefined);
}

/** The opposite of {@link isPortInUse}. */
export async function isPortFree(
  listen: string,
  options?: { timeout?: Duration | undefined } | null,
): Promise<boolean> {
  return !(await isPortInUse(listen, options));
}

function destinations(listen: string): NetConnectOpts[] {
  const bind = parse(listen);
  if (bind.kind === 'unix') return [{ path: bind.path as string }];
  if (bind.kind === 'tcp' && !bind.ephemeral) {
    const { host, port } = bind;
    return hostsOf(host as string).map((each) => ({ host: each, port: port as number }));
  }
  throw invalid(`'${listen}' has no port to look at, give 'host:port' or 'unix:/path.sock'`);
}

/** Where a client on this machine finds what listens on a host. */
function hostsOf(host: string): string[] {
  return host === ANY_HOST ? [loopbackOf(host), '::1'] : [loopbackOf(host)];
}

function parse(listen: string): BindAddress {
  try {
    return BindAddress.parse(listen);
  } catch (cause) {
    throw invalid((cause as Error).message, cause);
  }
}

function invalid(message: string, cause?: unknown): ServerError {
  return new ServerError(ServerErrorCode.ERR_SERVER_INVALID_ADDRESS, message, { cause });
}
