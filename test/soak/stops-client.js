/**
 * Clients on bare sockets, in a process of their own, which keep their connections, ask without a
 * pause, retry nothing, and connect again when they are told to. They end when they are refused.
 */
import { once } from 'node:events';
import { connect } from 'node:net';

const { port, clients, pauseMs } = JSON.parse(process.argv[2]);
const failures = [];

/** One clock for both processes. */
const now = () => Number(process.hrtime.bigint()) / 1e6;

async function open() {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const connection = { socket, received: '', changed: () => undefined, error: undefined, asked: 0 };
  socket.setEncoding('latin1');
  socket.on('error', ({ code }) => (connection.error = code));
  socket.on('data', (text) => {
    connection.received += text;
    connection.changed();
  });
  socket.on('end', () => connection.changed());
  socket.on('close', () => connection.changed());
  await once(socket, 'connect').catch(() => undefined);
  connection.port = socket.localPort;
  return connection;
}

/** Resolves to the head of the answer, or to undefined when the connection ends without. */
function ask(connection, id) {
  const { socket } = connection;
  connection.received = '';
  connection.asked += 1;
  socket.write(
    `POST / HTTP/1.1\r\nHost: localhost\r\nX-Id: ${id}\r\nContent-Length: 4\r\n\r\nbody`,
  );
  return new Promise((resolve) => {
    connection.changed = () => {
      if (connection.received.endsWith('\r\n\r\nhello')) resolve(connection.received);
      else if (socket.readableEnded || socket.destroyed) resolve(undefined);
    };
    connection.changed();
  });
}

async function run(client) {
  let connection;
  for (let number = 0; ; number += 1) {
    // What it knows to be over it does not use.
    if (connection?.socket.readableEnded || connection?.socket.destroyed) connection = undefined;
    connection ??= await open();
    const { port: local, error } = connection;
    if (error === 'ECONNREFUSED') return;
    const id = `${client}-${number}`;
    const sentAt = now();
    const head = local === undefined ? undefined : await ask(connection, id);
    if (head === undefined) {
      const isNew = connection.asked <= 1;
      failures.push({ id, isNew, port: local, sentAt, error: connection.error ?? 'FIN' });
    }
    if (head === undefined || /^connection: close/im.test(head)) {
      connection.socket.destroy();
      connection = undefined;
    } else if (pauseMs > 0) {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * pauseMs));
    }
  }
}

process.send('up');
await Promise.all(Array.from({ length: clients }, (_, client) => run(client)));
process.send(failures, () => process.disconnect());
