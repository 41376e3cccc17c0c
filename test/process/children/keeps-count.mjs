// Serves, and writes a line for each request: what it did to it. From the first SIGHUP on it does each of
// its faults to the requests that come, a few times each: `node keeps-count.mjs <port> <log> [cert key]`.
import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { constants, createSecureServer } from 'node:http2';
import { createServer as createListener } from 'node:net';

const [port, log, cert, key] = process.argv.slice(2);
const BODY = 'x'.repeat(20_000);
const EVERY = 3;
const TIMES_EACH = 4;

let faulty = false;
let seen = 0;
let upgrades = 0;
const note = (id, did) => appendFileSync(log, `${JSON.stringify({ id, did })}\n`);
const now = (fault) => fault();
// After the client's own limit for the race with a FIN: the request was read, and then given up.
const late = (fault) => setTimeout(() => fault(), 150);

const half = (response, then) => {
  response.writeHead(200, { 'content-length': BODY.length });
  response.write(BODY.slice(0, BODY.length / 2), () => setTimeout(() => then(), 20));
};

const http1 = {
  'fin-at-once': (request) => now(() => request.socket.end()),
  'fin-late': (request) => late(() => request.socket.end()),
  'reset-at-once': (request) => now(() => reset(request.socket)),
  'reset-late': (request) => late(() => reset(request.socket)),
  'fin-within': (request, response) => half(response, () => request.socket.end()),
  'reset-within': (request, response) => half(response, () => reset(request.socket)),
  503: (_request, response) => response.writeHead(503).end('no'),
  500: (_request, response) => response.writeHead(500).end(BODY),
  'no-http': (request) => request.socket.end('SMTP 220 hello\r\n\r\n'),
};
const http2 = {
  refuse: (_request, { stream }) => stream.close(constants.NGHTTP2_REFUSED_STREAM),
  'reset-stream': (_request, { stream }) => stream.close(constants.NGHTTP2_INTERNAL_ERROR),
  'reset-within': (_request, response) =>
    half(response, () => response.stream.close(constants.NGHTTP2_INTERNAL_ERROR)),
  503: (_request, response) => response.writeHead(503).end('no'),
};

const onRequest = (request, response) => {
  const id = request.headers['x-request-id'];
  seen += 1;
  const faults = request.httpVersionMajor === 2 ? http2 : http1;
  const names = Object.keys(faults);
  const index = Math.floor(seen / EVERY);
  if (faulty && seen % EVERY === 0 && index < names.length * TIMES_EACH) {
    const name = names[index % names.length];
    note(id, name);
    faults[name](request, response);
    return;
  }
  note(id, 'answered');
  // The body is read to its end: what is answered early is answered too, and tried elsewhere.
  request.resume().once('end', () => response.end(BODY));
};

const onUpgrade = (request, socket) => {
  const id = request.headers['x-request-id'];
  upgrades += 1;
  socket.on('error', () => undefined);
  const did = ['answered', 'fin-at-once', 'reset-open', '503', '404'][faulty ? upgrades % 5 : 0];
  note(id, did);
  if (did === 'fin-at-once') return void socket.end();
  if (did === '503') return void socket.end('HTTP/1.1 503 No\r\nContent-Length: 2\r\n\r\nno');
  if (did === '404') return void socket.end('HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\nno');
  const accept = createHash('sha1')
    .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64');
  socket.write(
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  if (did === 'reset-open') setTimeout(() => reset(socket), 20);
  // Closing is answered by a FIN.
  socket.once('data', () => socket.end());
};

const server = cert
  ? createSecureServer({ cert, key, allowHTTP1: true }, onRequest)
  : createServer(onRequest);
server.keepAliveTimeout = 60_000;
server.on('upgrade', onUpgrade);
// TLS knows no reset: the socket below it does.
const sockets = new Map();
const reset = ({ remotePort }) => sockets.get(remotePort).resetAndDestroy();
const listener = createListener((socket) => {
  sockets.set(socket.remotePort, socket);
  socket.on('error', () => undefined);
  server.emit('connection', socket);
});
listener.listen(Number(port), '127.0.0.1');
process.on('SIGHUP', () => {
  seen = 0;
  faulty = true;
});
