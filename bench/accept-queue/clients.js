/** Clients that connect at once, send a request each and tell what became of it. */
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { answerCommands } from '../harness/child.js';

/** `onConnect` is called in the turn in which the system tells of the connection. */
function exchange(port, onConnect) {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      onConnect();
      socket.write('GET / HTTP/1.1\r\nHost: bench\r\n\r\n');
    });
    socket.on('data', (data) => (text += data));
    socket.on('error', (error) => resolve(error.code));
    socket.on('close', () => resolve(text.endsWith('\r\n\r\nok') ? 'served' : 'no answer'));
  });
}

answerCommands({
  /** Writes the file when all are connected: to one whose event loop stands still, that is the only sign. */
  exchange({ port, count, connectedFile }) {
    let left = count;
    const onConnect = () => {
      left -= 1;
      if (left === 0) writeFileSync(connectedFile, '');
    };
    return Promise.all(Array.from({ length: count }, () => exchange(port, onConnect)));
  },
});
