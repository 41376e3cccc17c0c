/** One Express application over one of both protocols, or plain node:http2. */
import { createServer as createHttp2 } from 'node:http2';
import express from 'express';
import { PooledServer } from '../../dist/index.js';
import { answerCommands } from '../harness/child.js';
import { cpuClock } from '../harness/cpu.js';

const total = ({ items }) => ({ count: items.length, total: items.reduce((a, b) => a + b) });

function expressApp() {
  const app = express();
  app.use(express.json());
  app.get('/', (_request, response) => response.json({ hello: 'world' }));
  app.post('/', (request, response) => response.json(total(request.body)));
  return app;
}

function plain(request, response) {
  let text = '';
  request.setEncoding('utf8');
  request.on('data', (chunk) => (text += chunk));
  request.on('end', () => {
    const answer = text === '' ? { hello: 'world' } : total(JSON.parse(text));
    const body = JSON.stringify(answer);
    response.writeHead(200, {
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': Buffer.byteLength(body),
    });
    response.end(body);
  });
}

async function pooled(protocol) {
  const server = PooledServer.create(
    { name: protocol, listen: '127.0.0.1:0', protocol },
    { handlers: () => ({ '': expressApp() }) },
  );
  await server.start();
  return server.address.port;
}

async function raw() {
  const server = createHttp2(plain);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server.address().port;
}

answerCommands({
  start: ({ protocol }) => (protocol === 'raw' ? raw() : pooled(protocol)),
  ...cpuClock,
});
