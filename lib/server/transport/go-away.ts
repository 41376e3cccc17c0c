import type { ServerResponse } from 'node:http';
import { constants, type Http2ServerResponse, type ServerHttp2Session } from 'node:http2';
import type { Connection } from './connection.js';
import { destroyWhenSilent } from './linger.js';

/** The highest stream id: «finish what you began and open nothing new». */
const anyStream = 2 ** 31 - 1;

/** How long a client may take to answer a PING: one that never does is sent away all the same. */
const answerMs = 1000;

const goingAway = new WeakMap<ServerHttp2Session, Promise<void>>();

/**
 * Sends a session away by two GOAWAYs. The first one refuses nothing; the second one tells the last
 * stream, and goes out when the client has answered a PING sent behind the first: what it opened
 * before it knew has arrived by then. Open streams end by themselves. Resolves with the second one.
 *
 * After the first GOAWAY Node drops whatever comes while the session has no open stream (seen on
 * Node 20.20: `nghttp2_session_want_read`). So nothing is lost only if a stream is held open until
 * this resolves; a session without any is closed at once.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9113#section-6.8
 */
export function goAway(connection: Connection): Promise<void> {
  const { session } = connection;
  if (session === undefined) return Promise.resolve();
  const gone = goingAway.get(session) ?? sendBoth(session, connection);
  goingAway.set(session, gone);
  return gone;
}

/** Dispatches when the client knows that it is sent away: until then its stream must stay open. */
export function goAwayFirst(
  connection: Connection,
  response: ServerResponse,
  dispatch: () => void,
): void {
  const { stream } = response as unknown as Http2ServerResponse;
  void goAway(connection).then(() => stream.destroyed || dispatch());
}

async function sendBoth(session: ServerHttp2Session, connection: Connection): Promise<void> {
  if (session.destroyed) return;
  connection.socket.once('finish', () => destroyWhenSilent(connection.socket));
  session.goaway(constants.NGHTTP2_NO_ERROR, anyStream);
  if (connection.streams.size > 0) await answerToPing(session, connection);
  if (!session.destroyed) session.close();
}

function answerToPing(session: ServerHttp2Session, connection: Connection): Promise<void> {
  return new Promise((resolve) => {
    const known = (): void => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(known, answerMs);
    // Without a stream the answer is dropped.
    connection.onStreamless(known);
    // Of frames that wait to be sent nghttp2 sends a PING first, so it has to wait for the GOAWAY.
    setImmediate(() => {
      // A session that is destroyed calls back too.
      if (session.destroyed || !session.ping(known)) known();
    });
  });
}
