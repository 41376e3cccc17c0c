/** The short test of `nestjs-http-pool run` for Node versions other than the machine's. See scripts/nodes.js. */
import { Agent } from 'node:http';
import { afterEach, expect, it, jest } from '@jest/globals';
import { CodeOnDisk } from '../process/support/code-on-disk.js';
import { StrictClients } from '../process/support/strict-clients.js';
import { Supervised } from '../process/support/supervised.js';
import { ask } from '../support/http-client.js';

// Each start of a process takes seconds on a busy machine.
jest.setTimeout(180_000);

let code: CodeOnDisk | undefined;
let supervised: Supervised | undefined;
afterEach(async () => {
  await supervised?.kill();
  await StrictClients.endAll();
  await code?.remove();
});

it(`upgrades without a loss on Node ${process.versions.node}, and an idle connection goes on`, async () => {
  // No timeout may end the idle connection on a busy machine.
  const server = { name: 'kept', listen: '127.0.0.1:0', idleTimeout: '1h' };
  code = await CodeOnDisk.at();
  await code.deploy({ says: 'one', servers: [server] });
  const app = (supervised = new Supervised(code.entry));
  const listens = app.line('kept listens on');
  await app.ready();
  const url = `http://127.0.0.1:${(await listens).split(' ').at(-1)}`;
  const clients = new StrictClients(url, { clients: 8 });
  const agent = new Agent({ keepAlive: true });
  const sockets = new Set<unknown>();
  agent.on('free', (socket) => sockets.add(socket));
  expect((await ask(url, { agent })).body).toMatch(/^one /);
  await code.deploy({ says: 'two', servers: [server] });
  const left = app.line('has left');
  await app.upgraded();
  await left;
  expect((await ask(url, { agent })).body).toMatch(/^two /);
  expect(sockets.size).toBe(1);
  agent.destroy();
  await clients.answeredByMany(2);
  await clients.end();
  expect(clients.failures).toEqual([]);
  expect(await app.stop()).toBe(0);
});
