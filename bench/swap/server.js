/** A pooled server that swaps its transport under load and tells how long each swap took. */
import { setTimeout as wait } from 'node:timers/promises';
import { generate } from 'selfsigned';
import { PooledServer } from '../../dist/index.js';
import { answerCommands } from '../harness/child.js';

let server;

const handler = (request, response) => {
  request.resume();
  request.on('end', () => response.end('ok'));
};

async function certificate() {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keySize: 2048,
  });
  return { cert, key };
}

answerCommands({
  async start({ secure }) {
    const tls = secure ? { certs: [await certificate()] } : undefined;
    server = PooledServer.create(
      { name: 'swapped', listen: '127.0.0.1:0', tls },
      { handlers: () => ({ '': handler }) },
    );
    await server.start();
    return server.address.port;
  },
  /** @returns The ms of each restart from its call to its end, and the ms of CPU time it took. */
  async swap({ times, pauseMs }) {
    const swaps = [];
    for (let i = 0; i < times; i += 1) {
      await wait(pauseMs);
      const cpu = process.cpuUsage();
      const began = performance.now();
      await server.restart();
      const held = performance.now() - began;
      const { user, system } = process.cpuUsage(cpu);
      swaps.push({ held, used: (user + system) / 1000 });
    }
    return swaps;
  },
  async stop() {
    return server.stop();
  },
});
