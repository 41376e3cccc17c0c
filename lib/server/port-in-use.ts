import { connect, type NetConnectOpts } from 'node:net';
import { BindAddress } from '../config/bind-address.js';
import { notADuration, parseDuration, type Duration } from '../config/duration.js';
import { ServerError, ServerErrorCode } from '../errors/server.error.js';

/** How long a look at a port may take; one on this machine answers at once. */
const defaultTimeoutMs = 1_000;

/**
 * Whether something accepts connections on an address. A wildcard is asked on this machine.
 *
 * @param listen Any form of a TCP or unix address that `listen` takes
 * @param options.timeout Until then without an answer the address counts as not in use; 1 s
 * @throws ServerError `ERR_SERVER_INVALID_ADDRESS` for an address that can't be asked
 */
export async function isPortInUse(
  listen: string,
  { timeout = defaultTimeoutMs }: { timeout?: Duration } = {},
): Promise<boolean> {
  const timeoutMs = parseDuration(timeout);
  if (timeoutMs === undefined) {
    throw ServerError.forConfig([{ path: 'timeout', message: notADuration(timeout) }]);
  }
  const options = { ...destination(listen), signal: AbortSignal.timeout(timeoutMs) };
  return new Promise((resolve) => {
    const socket = connect(options as NetConnectOpts);
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}

/** The opposite of {@link isPortInUse}. */
export async function isPortFree(
  listen: string,
  options: { timeout?: Duration } = {},
): Promise<boolean> {
  return !(await isPortInUse(listen, options));
}

function destination(listen: string): object {
  const bind = parse(listen);
  if (bind.kind === 'unix') return { path: bind.path };
  if (bind.kind === 'tcp' && !bind.ephemeral) {
    const isWildcard = bind.host === '::' || bind.host === '0.0.0.0';
    return { host: isWildcard ? '127.0.0.1' : bind.host, port: bind.port };
  }
  throw invalid(`'${listen}' has no port to look at, give 'host:port' or 'unix:/path.sock'`);
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
