/** One server, bare or pooled. */
import { createServer } from 'node:http';
import { PooledServer } from '../../dist/index.js';
import { answerCommands } from '../harness/child.js';
import { cpuClock } from '../harness/cpu.js';

const hello = (_request, response) => {
  response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': '12' });
  response.end('Hello world\n');
};

const json = (request, response) => {
  let text = '';
  request.setEncoding('utf8');
  request.on('data', (chunk) => (text += chunk));
  request.on('end', () => {
    const { items } = JSON.parse(text);
    const body = JSON.stringify({ count: items.length, total: items.reduce((a, b) => a + b) });
    response.writeHead(201, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
    });
    response.end(body);
  });
};

const handlers = { hello, json };

async function bare(handler) {
  const server = createServer(handler);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server.address().port;
}

async function pooled(handler) {
  const server = PooledServer.create(
    { name: 'pooled', listen: '127.0.0.1:0' },
    { handlers: () => ({ '': handler }) },
  );
  await server.start();
  return server.address.port;
}

const kinds = { bare, pooled };

answerCommands({
  start: ({ kind, handler }) => kinds[kind](handlers[handler]),
  ...cpuClock,
});
