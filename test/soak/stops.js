/**
 * What a stop without `shutdown.delay` loses: `node test/soak/stops.js [stops] [clients] [pauseMs]`
 * after a build. Each loss is told by what the server had received when it ended the connection.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Pool } from '../../dist/index.js';

const [stops = 40, clients = 32, pauseMs = 0] = process.argv.slice(2).map(Number);
const requestsBefore = 2000;

/** One clock for both processes. */
const now = () => Number(process.hrtime.bigint()) / 1e6;

/** When the server ended or destroyed the socket of each client, by the client's port. */
const endedAt = new Map();
for (const how of ['end', 'destroy']) {
  const original = Socket.prototype[how];
  Socket.prototype[how] = function (...args) {
    const { remotePort } = this;
    if (remotePort && !endedAt.has(remotePort)) endedAt.set(remotePort, now());
    return original.apply(this, args);
  };
}

function classify({ id, isNew, port, sentAt, error }, seen) {
  if (port === undefined) return `connecting: ${error}`;
  if (!endedAt.has(port)) return `in the accept queue: ${error}`;
  const connection = isNew ? 'new' : 'kept';
  const when = sentAt < endedAt.get(port) ? 'before our end' : 'after our FIN';
  return `on a ${connection} connection, sent ${when}, ${seen.has(id) ? 'handled' : 'not handled'}: ${error}`;
}

const losses = {};
let totalMs = 0;
for (let stop = 0; stop < stops; stop += 1) {
  endedAt.clear();
  const seen = new Set();
  const handler = (request, response) => {
    seen.add(request.headers['x-id']);
    request.resume().once('end', () => response.end('hello'));
  };
  const pool = new Pool({ handlers: () => ({ default: handler }) });
  const server = await pool.storeNew({ name: 'a', listen: '127.0.0.1:0' }, { start: true });
  const options = JSON.stringify({ port: server.address.port, clients, pauseMs });
  const child = fork(fileURLToPath(new URL('./stops-client.js', import.meta.url)), [options]);
  await once(child, 'message');
  while (server.stats().requests < requestsBefore) await new Promise(setImmediate);
  const answer = once(child, 'message');
  const { durationMs } = await server.stop();
  totalMs += durationMs;
  const [failures] = await answer;
  for (const failure of failures) {
    const kind = classify(failure, seen);
    losses[kind] = (losses[kind] ?? 0) + 1;
  }
}
console.log(`${stops} stops under ${clients} clients, ${(totalMs / stops).toFixed(1)} ms each`);
console.log('lost', losses);
