/** Sends many requests on one connection without waiting for an answer, or one after the other. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { answerCommands } from '../harness/child.js';

const request = (more = '') => `GET / HTTP/1.1\r\nHost: bench\r\n${more}\r\n`;

let goesOn;
let pinged;

/** The longest wait for an answer, in ms, until it is told to end. */
async function ping(port) {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.setNoDelay(true);
  await once(socket, 'connect');
  let longest = 0;
  while (goesOn) {
    const began = performance.now();
    socket.write(request());
    await once(socket, 'data');
    longest = Math.max(longest, performance.now() - began);
  }
  socket.destroy();
  return longest;
}

answerCommands({
  /** Settles when all are answered. */
  async pipeline({ port, requests }) {
    const socket = connect({ port, host: '127.0.0.1' });
    const chunks = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.write(request().repeat(requests - 1) + request('Connection: close\r\n'));
    await once(socket, 'close');
    const answers = Buffer.concat(chunks).toString('latin1').split('HTTP/1.1 200 OK').length - 1;
    if (answers !== requests) throw new Error(`${answers} of ${requests} were answered`);
  },
  /** Returns at once; {@link finishPings} tells. */
  beginPings({ port }) {
    goesOn = true;
    pinged = ping(port);
  },
  finishPings() {
    goesOn = false;
    return pinged;
  },
});
