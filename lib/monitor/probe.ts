import { get as getHttp, type IncomingMessage, type RequestOptions } from 'node:http';
import { connect as connectHttp2, constants } from 'node:http2';
import { get as getHttps } from 'node:https';
import { connect, type NetConnectOpts } from 'node:net';

/** A bound server, seen from this machine. */
export interface ProbeTarget {
  readonly address: { readonly host: string; readonly port: number } | { readonly path: string };
  readonly secure: boolean;
  readonly protocol: 'http1' | 'http2';
  /** Asked for by HTTP; without it a TCP connection is proof enough. */
  readonly path?: string;
  readonly timeoutMs: number;
}

/** Resolves when the target takes a connection, or answers `path` with a status below 400. */
export async function probe(target: ProbeTarget, signal?: AbortSignal): Promise<void> {
  const { path, timeoutMs } = target;
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), timeoutMs);
  const either = signal ? AbortSignal.any([signal, timeout.signal]) : timeout.signal;
  try {
    either.throwIfAborted();
    if (path === undefined) await probeTcp(target, either);
    else checkStatus(path, await requestStatus(target, path, either));
  } catch (error) {
    if (!timeout.signal.aborted) throw error;
    throw new Error(`no answer within ${timeoutMs} ms`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

type Destination = { path: string } | { host: string; port: number };

function destination({ address }: ProbeTarget): Destination {
  if ('path' in address) return { path: address.path };
  const { host, port } = address;
  const wildcard = host === '::' || host === '0.0.0.0';
  return { host: wildcard ? '127.0.0.1' : host, port };
}

function probeTcp(target: ProbeTarget, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...destination(target), signal } as NetConnectOpts);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.end();
      socket.destroy();
      resolve();
    });
  });
}

function checkStatus(path: string, status: number): void {
  if (status >= 400) throw new Error(`GET ${path} answered ${status}`);
}

function requestStatus(target: ProbeTarget, path: string, signal: AbortSignal): Promise<number> {
  if (target.protocol === 'http2' && !target.secure) return h2cStatus(target, path, signal);
  const to = destination(target);
  const where: RequestOptions = 'path' in to ? { socketPath: to.path } : to;
  // The server is asked whether it answers, not whether its certificate names this machine.
  const options = { ...where, path, signal, agent: false, rejectUnauthorized: false };
  return new Promise((resolve, reject) => {
    const onResponse = (response: IncomingMessage): void => {
      response.resume();
      response.once('close', () => resolve(response.statusCode ?? 0));
    };
    const request = target.secure ? getHttps(options, onResponse) : getHttp(options, onResponse);
    request.once('error', reject);
  });
}

function h2cStatus(target: ProbeTarget, path: string, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const createConnection = () => connect(destination(target) as NetConnectOpts);
    const session = connectHttp2('http://localhost', { createConnection });
    session.once('error', reject);
    const stream = session.request({ [constants.HTTP2_HEADER_PATH]: path }, { signal });
    stream.once('response', (headers) => resolve(Number(headers[constants.HTTP2_HEADER_STATUS])));
    stream.once('error', reject);
    stream.resume();
    stream.once('close', () => session.destroy());
  });
}
