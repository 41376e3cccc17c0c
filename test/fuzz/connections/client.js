import { once } from 'node:events';
import { connect } from 'node:net';
import { Duplex } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';

/** Nobody waits longer for an answer, or for the end of a connection. */
const longestWaitMs = 1000;

/** Does what a case says to the server on a port; resolves when its connection is gone. */
export async function drive(port, { header, encrypted, pieces, ending, waitMs }) {
  const raw = connect({ port, host: '127.0.0.1', noDelay: true });
  const closed = [];
  /** The one that is spoken through last: the raw socket beneath one of TLS does not always tell its end. */
  let outer = raw;
  const use = (socket) => {
    outer = socket;
    socket.on('error', () => undefined);
    closed.push(new Promise((resolve) => socket.once('close', resolve)));
    return Promise.race(closed);
  };
  let gone = use(raw);
  const deadline = setTimeout(() => outer.destroy(), longestWaitMs);
  try {
    await Promise.race([once(raw, 'connect').catch(() => undefined), gone]);
    if (header) raw.write(header);
    if (encrypted && !raw.destroyed) {
      const socket = encrypt(raw, encrypted, ending);
      gone = use(socket);
      await Promise.race([once(socket, 'secureConnect').catch(() => undefined), gone]);
    }
    const answered = new Promise((resolve) => outer.once('data', resolve));
    for (const piece of pieces) {
      if (outer.destroyed || outer.writableEnded) break;
      outer.write(piece);
      await new Promise(setImmediate);
    }
    await leave(outer, { raw, ending, waitMs, answered, gone });
  } finally {
    clearTimeout(deadline);
    outer.destroy();
    await gone;
  }
}

function encrypt(raw, { alpn }, ending) {
  return connectTls({
    // Node leaks a socket that is reset beneath one of TLS, unless there is a stream between the two.
    socket: ending === 'reset' ? Duplex.from({ readable: raw, writable: raw }) : raw,
    servername: 'localhost',
    rejectUnauthorized: false,
    ALPNProtocols: alpn,
  });
}

async function leave(socket, { raw, ending, waitMs, answered, gone }) {
  if (ending === 'reset') return void raw.resetAndDestroy();
  if (ending === 'destroy') return;
  // One that is not read keeps what came, and the end that comes behind it.
  socket.resume();
  if (ending === 'fin') {
    socket.end();
    return gone;
  }
  await Promise.race([answered, gone, ...(ending === 'late' ? [] : [wait(waitMs)])]);
  if (ending === 'late') await Promise.race([gone, wait(waitMs * 10)]);
}
