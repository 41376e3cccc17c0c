/** A server of a pool that swaps its transport under load, and tells how long each swap took. */
import { createSecureContext } from 'node:tls';
import { setTimeout as wait } from 'node:timers/promises';
import { PooledServer } from '../../dist/index.js';
import { certificate } from '../harness/certificate.js';
import { answerCommands } from '../harness/child.js';
import { cpuOf, startHeld } from '../harness/cpu.js';
import { alternate } from '../harness/statistics.js';

let server;

const handler = (request, response) => {
  request.resume();
  request.on('end', () => response.end('ok'));
};

async function started(tls) {
  const one = PooledServer.create(
    { name: tls ? 'https' : 'http', listen: '127.0.0.1:0', tls },
    { handlers: () => ({ '': handler }) },
  );
  await one.start();
  return one;
}

answerCommands({
  async start({ isSecure }) {
    server = await started(isSecure ? { certs: [await certificate()] } : undefined);
    return server.address.port;
  },
  /** @returns The ms of each restart from its call to its end. */
  async swap({ times, pauseMs }) {
    const swaps = [];
    for (let i = 0; i < times; i += 1) {
      await wait(pauseMs);
      const held = startHeld();
      await server.restart();
      swaps.push(held());
    }
    return swaps;
  },
  stop: () => server.stop(),
  /** Without a client: a swap beside the secure context that it may have to make. */
  async cpu({ rounds }) {
    const pair = await certificate();
    const http = await started();
    const https = await started({ certs: [pair] });
    const context = () => cpuOf(() => createSecureContext(pair));
    const contestants = {
      context,
      control: context,
      http: () => cpuOf(() => http.restart()),
      https: () => cpuOf(() => https.restart()),
    };
    const results = await alternate(contestants, { rounds, warmUps: 20 });
    await Promise.all([http.stop(), https.stop()]);
    return results;
  },
});
