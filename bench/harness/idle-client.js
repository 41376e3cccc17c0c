/** Clients that open connections, send a request on each and then nothing more. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { answerCommands } from './child.js';

/** Fewer than the accept queue of a server has room for. */
const atOnce = 200;
const request = 'GET / HTTP/1.1\r\nHost: bench\r\n\r\n';

const open = new Set();
let allClosed;

async function openOne(port) {
  const socket = connect({ port, host: '127.0.0.1' });
  open.add(socket);
  socket.once('close', () => {
    open.delete(socket);
    if (open.size === 0) allClosed?.();
  });
  // A server that stops may reset: to a client that waits for nothing that is an end like another.
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(request);
  await once(socket, 'data');
  socket.resume();
}

answerCommands({
  /** Opens so many, dealt out over the ports. */
  async open({ ports, count }) {
    for (let opened = 0; opened < count; opened += atOnce) {
      const length = Math.min(count - opened, atOnce);
      const portOf = (i) => ports[(opened + i) % ports.length];
      await Promise.all(Array.from({ length }, (_, i) => openOne(portOf(i))));
    }
  },
  /** Settles when the server has closed all. */
  async closed() {
    if (open.size > 0) await new Promise((resolve) => (allClosed = resolve));
  },
});
