import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse, ServerHttp2Session } from 'node:http2';
import type { Connection } from '../connection/connection.js';
import { destroyWhenSilent } from '../connection/linger.js';

/** How long a client may take to answer a PING: one that never does is sent away all the same. */
const answerMs = 1000;

const goingAway = new WeakMap<ServerHttp2Session, Promise<void>>();

/**
 * Sends a session away by a GOAWAY that tells its last stream. Open streams end by themselves; what the
 * client opens later Node ignores, be the stream that a first GOAWAY named as high as can be (seen on
 * Node 20 to 26: nghttp2 has a notice that refuses nothing, Node has no way to it). So while streams are
 * open the GOAWAY waits until the client has answered a PING: what it sent along with them has arrived
 * by then. Resolves with the GOAWAY.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9113#section-6.8
 */
export function goAway(connection: Connection): Promise<void> {
  const { session } = connection;
  if (session === undefined) return Promise.resolve();
  const gone = goingAway.get(session) ?? sendGoAway(session, connection);
  goingAway.set(session, gone);
  return gone;
}

/**
 * Dispatches behind the GOAWAY: a client that waits for its answer to ask again does not ask in vain.
 */
export function goAwayFirst(
  connection: Connection,
  response: ServerResponse,
  dispatch: () => void,
): void {
  const { stream } = response as unknown as Http2ServerResponse;
  void goAway(connection).then(() => stream.destroyed || dispatch());
}

async function sendGoAway(session: ServerHttp2Session, connection: Connection): Promise<void> {
  if (session.destroyed) return;
  connection.socket.once('finish', () => destroyWhenSilent(connection.socket));
  if (connection.streams.size > 0) await answerToPing(session);
  if (!session.destroyed) session.close();
}

function answerToPing(session: ServerHttp2Session): Promise<void> {
  return new Promise((resolve) => {
    const known = (): void => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(known, answerMs);
    // A session that is destroyed calls back too.
    if (!session.ping(known)) known();
  });
}
