/** Bare and pooled servers with the same handlers in one process, and the CPU time it has used. */
import { createServer } from 'node:http';
import { PooledServer } from '../../dist/index.js';
import { answerCommands } from '../harness/child.js';

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

answerCommands({
  /** `control` is a second bare server: how far it is from the first one is the noise. */
  async start({ handler, isReversed }) {
    const kinds = Object.entries({ bare, pooled, control: bare });
    const ports = {};
    for (const [kind, start] of isReversed ? kinds.toReversed() : kinds) {
      ports[kind] = await start(handlers[handler]);
    }
    return ports;
  },
  // Without a forced collection before: with no request under way it frees what the compiled code
  // depends on, and the code has to be made anew, which costs more than all the requests.
  begin() {
    return process.cpuUsage();
  },
  /** @returns The CPU time since then, in microseconds. */
  end(begin) {
    const { user, system } = process.cpuUsage(begin);
    return user + system;
  },
});
