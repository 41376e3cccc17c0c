import { setImmediate as turn } from 'node:timers/promises';
import { authorityOf } from '../config/address/authority.js';
import { openConnection, type ProbeTarget } from './probe-connection.js';
import { askHttp1, askHttp2 } from './probe-request.js';

export type { ProbeTarget } from './probe-connection.js';

/** A server that did not answer in time. */
export class CheckTimeout extends Error {
  constructor(timeoutMs: number) {
    super(`no answer within ${timeoutMs} ms`);
  }
}

/** A path that answers with a status of an error. */
export class ErrorStatus extends Error {
  constructor(
    path: string,
    readonly status: number,
  ) {
    super(`GET ${path} answered ${status}`);
  }
}

/**
 * Resolves when the target takes a connection, or answers `path` with a status below 400; rejects
 * with the reason at the latest when its time is over. Leaves nothing open.
 */
export async function probe(target: ProbeTarget, signal?: AbortSignal): Promise<void> {
  const { timeoutMs } = target;
  const over = new AbortController();
  const timer = setTimeout(() => {
    over.abort(new CheckTimeout(timeoutMs));
  }, timeoutMs);
  const giveUp = (): void => over.abort(signal?.reason);
  signal?.addEventListener('abort', giveUp, { once: true });
  try {
    signal?.throwIfAborted();
    // Raced, so that nothing that a server does, or leaves undone, outlasts its time.
    await Promise.race([attempt(target, over.signal), aborted(over.signal)]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
    over.abort();
  }
}

async function attempt(target: ProbeTarget, signal: AbortSignal): Promise<void> {
  const { path, secure, protocol } = target;
  const socket = await openConnection(target, signal);
  if (path === undefined) {
    // What the server sends of its own accord after a handshake is taken, or it would see a reset.
    socket?.resume().end();
    await turn();
    return;
  }
  if (socket === undefined) {
    throw new Error(`GET ${path} can't be asked without a certificate of a client`);
  }
  const ask = protocol === 'http2' && !secure ? askHttp2 : askHttp1;
  const { address } = target;
  const authority = 'path' in address ? 'localhost' : authorityOf(address.host, address.port);
  const status = await ask(socket, { path, authority });
  // What changes the protocol, unasked, is no answer.
  if (status < 200 || status >= 400) throw new ErrorStatus(path, status);
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
