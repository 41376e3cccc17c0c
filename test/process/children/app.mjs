// An application for `prove`: node app.mjs <port> <what it does> [cert key]
import { createServer } from 'node:http';
import { Server } from 'node:net';
import { WebSocketServer } from 'ws';

const [port, does, cert, key] = process.argv.slice(2);
process.stderr.write(`pid ${process.pid}\n`);
const listen = { port: Number(port), host: '127.0.0.1' };
const sockets = new Set();

const server = createServer((request, response) => {
  const fails = does === 'is-sick' || (does === 'refuses-posts' && request.method === 'POST');
  response.writeHead(fails ? 500 : 200).end('x'.repeat(100_000));
});
server.on('connection', (socket) => {
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
});

/**
 * Every client learns of the end by an answer: the longest pause of the clients is shorter. Not by the `close()`
 * of HTTP: that of Node 26 ends a connection whose first request is on its way (nodejs/node#63470).
 */
const leave = () => {
  server.prependListener('request', (_request, response) => {
    response.setHeader('connection', 'close');
  });
  setTimeout(() => Server.prototype.close.call(server, () => process.exit()), 1500);
};

const serve = () => server.listen(listen);
const actions = {
  'leaves-well': () => {
    serve();
    process.on('SIGTERM', leave);
  },
  'speaks-websocket': () => {
    const wss = new WebSocketServer({ server });
    serve();
    process.on('SIGTERM', () => {
      for (const client of wss.clients) client.close(1001);
      wss.on('connection', (client) => client.close(1001));
      leave();
    });
  },
  drops: () => {
    serve();
    process.on('SIGTERM', () => process.exit());
  },
  'says-503': () => {
    serve();
    process.on('SIGTERM', () => {
      server.removeAllListeners('request');
      server.on('request', (_request, response) => response.writeHead(503).end());
      setTimeout(() => process.exit(), 700);
    });
  },
  resets: () => {
    serve();
    process.on('SIGTERM', () => {
      for (const socket of sockets) socket.resetAndDestroy();
      setTimeout(() => process.exit(), 100);
    });
  },
  'is-silent': () => setInterval(() => undefined, 1000),
  'is-sick': serve,
  'refuses-posts': serve,
  'ignores-everything': () => {
    serve();
    for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT']) process.on(signal, () => undefined);
  },
  'is-a-pool': async () => {
    const { Pool, PooledServer } = await import('../../../dist/index.js');
    const server = PooledServer.create(
      {
        name: 'public',
        listen: `127.0.0.1:${port}`,
        shutdown: { delay: '1500ms' },
        ...(cert && { protocol: 'http2', tls: { certs: [{ cert, key }] } }),
      },
      { handlers: () => ({ '': (_request, response) => response.end('x'.repeat(100_000)) }) },
    );
    const pool = new Pool({ servers: [server] });
    await pool.start();
    process.on('SIGTERM', () => void pool.stop());
  },
};
await actions[does]();
