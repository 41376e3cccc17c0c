/**
 * The client side of a load, in a process of its own: a fixed number of requests over keep-alive
 * connections, each sending its next one when the answer is there. It does as little as it can
 * (answers are told by their length), so that the server is what is measured, and it retries nothing.
 */
import { connect } from 'node:net';
import { answerCommands } from './child.js';

class Connection {
  constructor(target, head) {
    this.target = target;
    this.head = head;
    this.answerLength = 0;
    this.received = 0;
    this.onAnswer = undefined;
    this.onFailure = undefined;
  }

  open() {
    return new Promise((resolve, reject) => {
      this.socket = connect(this.target, resolve);
      this.socket.setNoDelay(true);
      this.socket.on('error', (error) => (this.onFailure ?? reject)(error));
      this.socket.on('close', () => this.onFailure?.(new Error('closed by the server')));
      this.socket.on('data', (data) => this.take(data));
    });
  }

  /** The first answer tells how long the others are. */
  take(data) {
    if (this.answerLength === 0) this.answerLength = lengthOfAnswer(data.toString('latin1'));
    this.received += data.length;
    if (this.received < this.answerLength) return;
    this.received = 0;
    this.onAnswer();
  }

  request() {
    return new Promise((resolve, reject) => {
      this.onAnswer = resolve;
      this.onFailure = reject;
      this.socket.write(this.head);
    });
  }

  close() {
    this.onFailure = () => undefined;
    this.socket.destroy();
  }
}

function lengthOfAnswer(text) {
  const end = text.indexOf('\r\n\r\n');
  const length = /\r\ncontent-length: (\d+)/i.exec(text);
  if (!text.startsWith('HTTP/1.1 2') || end < 0 || !length) throw new Error(`answer was ${text}`);
  return end + 4 + Number(length[1]);
}

function requestText({ method = 'GET', path = '/', body = '', close = false }) {
  const type = body ? 'Content-Type: application/json\r\n' : '';
  const length = body ? `Content-Length: ${Buffer.byteLength(body)}\r\n` : '';
  const connection = close ? 'Connection: close\r\n' : '';
  return `${method} ${path} HTTP/1.1\r\nHost: bench\r\n${type}${length}${connection}\r\n${body}`;
}

let open = [];

answerCommands({
  /** Opens the connections and sends the first request on each. */
  async open({ port, connections, request }) {
    const target = { port, host: '127.0.0.1' };
    open = Array.from({ length: connections }, () => new Connection(target, requestText(request)));
    await Promise.all(open.map((connection) => connection.open()));
    await Promise.all(open.map((connection) => connection.request()));
  },
  /** Sends so many requests over the open connections. */
  async load({ requests }) {
    let left = requests;
    await Promise.all(
      open.map(async (connection) => {
        while (left > 0) {
          left -= 1;
          await connection.request();
        }
      }),
    );
  },
  /** Opens a connection for each request, and lets the server close it. */
  async loadAnew({ port, requests, connections }) {
    let left = requests;
    const text = requestText({ close: true });
    const work = async () => {
      while (left > 0) {
        left -= 1;
        const connection = new Connection({ port, host: '127.0.0.1' }, text);
        await connection.open();
        await connection.request();
        connection.close();
      }
    };
    await Promise.all(Array.from({ length: connections }, work));
  },
  close() {
    for (const connection of open) connection.close();
    open = [];
  },
});
