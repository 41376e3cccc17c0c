// Clients in a thread of their own: they connect and ask while the server's thread stands still, so
// that connections truly wait in its accept queue, and requests in its sockets' buffers.
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { parentPort, workerData } from 'node:worker_threads';

const { port, secure, http2, ca, shared } = workerData;
const flag = new Int32Array(shared);

class Client {
  answers = 0;
  failures = [];

  /** Resolves when the system says that the connection stands; TLS comes later. */
  async connect() {
    const socket = connect({ port, host: '127.0.0.1' });
    await once(socket, 'connect');
    const options = {
      socket,
      ca,
      servername: 'localhost',
      ALPNProtocols: [http2 ? 'h2' : 'http/1.1'],
    };
    this.socket = secure ? connectTls(options) : socket;
    this.socket.on('error', ({ code }) => this.failures.push(code));
    this.closed = once(this.socket, 'close');
    if (!http2) return;
    const origin = `${secure ? 'https' : 'http'}://localhost:${port}`;
    this.session = connectHttp2(origin, { createConnection: () => this.socket });
    this.session.on('error', ({ code }) => this.failures.push(code));
  }

  async ask() {
    try {
      const { status, text } = await (http2 ? this.#askHttp2() : this.#askHttp1());
      if (status === 200 && text === 'hello') this.answers += 1;
      else this.failures.push(`${status} ${text}`);
    } catch ({ code, message }) {
      this.failures.push(code ?? message);
    }
  }

  async #askHttp2() {
    const stream = this.session.request({ ':path': '/' });
    const [headers] = await once(stream, 'response');
    return { status: headers[':status'], text: await read(stream) };
  }

  async #askHttp1() {
    const send = secure ? httpsRequest : httpRequest;
    const createConnection = () => this.socket;
    const request = send({
      createConnection,
      host: 'localhost',
      headers: { Connection: 'keep-alive' },
    });
    request.end();
    const [response] = await once(request, 'response');
    return { status: response.statusCode, text: await read(response) };
  }
}

async function read(stream) {
  let text = '';
  for await (const chunk of stream) text += chunk;
  return text;
}

let clients = [];
let asked = Promise.resolve();

/** The server's thread waits on the flag, and can't be told by a message. */
function wakeServer() {
  Atomics.store(flag, 0, 1);
  Atomics.notify(flag, 0);
}

const commands = {
  async connect(count) {
    clients = Array.from({ length: count }, () => new Client());
    await Promise.all(clients.map((client) => client.connect()));
    wakeServer();
  },
  async ask() {
    asked = Promise.all(clients.map((client) => client.ask()));
    // What is written within this turn has left the process by the one after the next.
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    wakeServer();
  },
  async outcome() {
    await asked;
    parentPort.postMessage({
      answers: clients.map(({ answers }) => answers),
      failures: clients.flatMap(({ failures }) => failures),
    });
  },
  async closed() {
    await Promise.all(clients.map((client) => client.closed));
    parentPort.postMessage({ failures: clients.flatMap(({ failures }) => failures) });
  },
};

parentPort.on('message', async ({ command, argument }) => {
  if (command === 'end') parentPort.close();
  else await commands[command](argument);
});
parentPort.postMessage('ready');
