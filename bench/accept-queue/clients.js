/** Clients that connect at once, send a request each and tell what became of it. */
import { connect } from 'node:net';
import { answerCommands } from '../harness/child.js';

function exchange(port) {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect({ port, host: '127.0.0.1' });
    let connectedAt = Infinity;
    const done = (outcome) => resolve({ connectedAt, outcome });
    socket.once('connect', () => {
      connectedAt = Date.now();
      socket.write('GET / HTTP/1.1\r\nHost: bench\r\n\r\n');
    });
    socket.on('data', (data) => (text += data));
    socket.on('error', (error) => done(error.code));
    socket.on('close', () => done(text.endsWith('\r\n\r\nok') ? 'served' : 'no answer'));
  });
}

answerCommands({
  exchange: ({ port, count }) => Promise.all(Array.from({ length: count }, () => exchange(port))),
});
