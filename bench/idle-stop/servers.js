/** Servers that end in several ways, and the CPU time from the call to the last `close`. */
import { createServer } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import Fastify from 'fastify';
import { createHttpTerminator } from 'http-terminator';
import stoppable from 'stoppable';
import { Pool } from '../../dist/index.js';
import { answerCommands } from '../harness/child.js';
import { cpuOf } from '../harness/cpu.js';
import { handler } from '../harness/servers.js';

async function listening(server) {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

const portOf = (server) => server.address().port;

/** A port, and what stops its server: `stop` settles when the server has closed. */
const kinds = {
  async pooled() {
    const pool = new Pool({ handlers: () => ({ '': handler }) });
    await pool.storeNew({ name: 'idle', listen: '127.0.0.1:0' }, { start: true });
    return { port: pool.get('idle').address.port, stop: () => pool.stop() };
  },
  async terminator() {
    const server = await listening(createServer(handler));
    const terminator = createHttpTerminator({ server });
    return { port: portOf(server), stop: () => terminator.terminate() };
  },
  async stoppable() {
    const server = await listening(stoppable(createServer(handler)));
    return { port: portOf(server), stop: () => new Promise((resolve) => server.stop(resolve)) };
  },
  async fastify() {
    const app = Fastify();
    app.get('/', (_request, reply) => reply.send('ok'));
    await app.listen({ port: 0, host: '127.0.0.1' });
    return { port: portOf(app.server), stop: () => app.close() };
  },
  async bare() {
    const server = await listening(createServer(handler));
    return { port: portOf(server), stop: () => new Promise((resolve) => server.close(resolve)) };
  },
};

/**
 * A server of Node's says that it is closed before the close callbacks of its connections have run, which come
 * at the end of a turn (of 2,000, none had run an immediate later); what they let go of is freed in the next.
 */
const turnsOfClose = 3;

let current;

answerCommands({
  async start({ kind }) {
    current = await kinds[kind]();
    return current.port;
  },
  async stop() {
    return cpuOf(async () => {
      await current.stop();
      for (let turn = 0; turn < turnsOfClose; turn += 1) await nextTurn();
    });
  },
});
