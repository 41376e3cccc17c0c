/**
 * The client side of a load over h2c, in a process of its own: a fixed number of requests, so many at
 * a time, over one session, as a browser or a proxy has them. Answers the commands that load-client.js does.
 */
import { connect } from 'node:http2';
import { answerCommands } from './child.js';

let session;
let send;
let lanes = 0;

function request({ method = 'GET', path = '/', body = '' }) {
  const headers = { ':method': method, ':path': path };
  if (body) {
    headers['content-type'] = 'application/json';
    headers['content-length'] = Buffer.byteLength(body);
  }
  return () =>
    new Promise((resolve, reject) => {
      const stream = session.request(headers, { endStream: !body });
      let status;
      stream.once('response', (head) => (status = head[':status']));
      stream.once('error', reject);
      stream.once('end', () =>
        status >= 200 && status < 300 ? resolve() : reject(new Error(`answer was ${status}`)),
      );
      stream.resume();
      if (body) stream.end(body);
    });
}

answerCommands({
  async open({ port, connections, request: asked }) {
    session = connect(`http://127.0.0.1:${port}`);
    send = request(asked);
    lanes = connections;
    await Promise.all(Array.from({ length: lanes }, send));
  },
  async load({ requests }) {
    let left = requests;
    const work = async () => {
      while (left > 0) {
        left -= 1;
        await send();
      }
    };
    await Promise.all(Array.from({ length: lanes }, work));
  },
  close() {
    session.destroy();
  },
});
