import { get, type IncomingMessage } from 'node:http';
import { connect, constants } from 'node:http2';
import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';

const { HTTP2_HEADER_PATH, HTTP2_HEADER_STATUS } = constants;

/** What is asked for. */
interface Asked {
  readonly path: string;
  /** The host that is named in the request. */
  readonly authority: string;
}

/**
 * The status by which a server answers over a connection, which the caller closes. Of the answer no
 * more is read: it may never end.
 */
type AskStatus = (socket: Socket, asked: Asked) => Promise<number>;

/**
 * A server is not ill for what this client would take: of headers it takes as many as a server of Node sends. By default a
 * client of HTTP/1 takes 16 KB, and one of HTTP/2 128 of them.
 */
const MAX_HEADER_BYTES = 2 ** 20;
const MAX_HEADERS = 2 ** 16;

/** Over HTTP/1.1. */
export const askHttp1: AskStatus = (socket, { path, authority }) =>
  new Promise((resolve, reject) => {
    const answered = oneAnswer(resolve, reject);
    const headers = { Host: authority };
    const maxHeaderSize = MAX_HEADER_BYTES;
    const request = get({ createConnection: () => socket, path, headers, maxHeaderSize });
    request.on('error', reject);
    request.once('close', answered.ended);
    // Whoever changes the protocol unasked has not answered.
    request.once('upgrade', ({ statusCode = 0 }: IncomingMessage) =>
      reject(new Error(`GET ${path} answered ${statusCode}, and changed the protocol unasked`)),
    );
    request.once('response', (response) => {
      // Cut off when its status has been read.
      response.on('error', () => undefined);
      response.resume();
      answered.with(response.statusCode);
    });
  });

/** Over HTTP/2 without TLS, by prior knowledge. */
export const askHttp2: AskStatus = (socket, { path, authority }) =>
  new Promise((resolve, reject) => {
    const answered = oneAnswer(resolve, reject);
    const session = connect(`http://${authority}`, {
      createConnection: () => socket,
      maxHeaderListPairs: MAX_HEADERS,
      settings: { maxHeaderListSize: MAX_HEADER_BYTES },
    });
    session.on('error', reject);
    session.once('close', answered.ended);
    const stream = session.request({ [HTTP2_HEADER_PATH]: path });
    stream.on('error', reject);
    stream.once('close', answered.ended);
    stream.once('response', (headers) => {
      stream.resume();
      answered.with(Number(headers[HTTP2_HEADER_STATUS]));
    });
  });

/** Waits for one turn with what it was told: a short answer came along with its head, and is not cut. */
function oneAnswer(
  resolve: (status: number) => void,
  reject: (error: Error) => void,
): { with: (status: number | undefined) => void; ended: () => void } {
  let isAnswered = false;
  return {
    with: (status = 0) => {
      isAnswered = true;
      void turn().then(() => resolve(status));
    },
    ended: () => {
      if (!isAnswered) reject(new Error('the connection ended without an answer'));
    },
  };
}
