/** Two replicas behind HAProxy. SIGHUP restarts one after the other, Ctrl-C ends all. */
import { EventEmitter, on } from 'node:events';
import { HaProxy } from './balancer/haproxy.js';
import { RollingRestart } from './balancer/rolling-restart.js';

const { FRONT = '127.0.0.1:3080' } = process.env;

const received = new EventEmitter();
const signals = on(received, 'signal');
for (const signal of ['SIGHUP', 'SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => received.emit('signal', signal));
}

const haproxy = new HaProxy();
const replicas = new RollingRestart(haproxy);

async function run(): Promise<void> {
  await replicas.start();
  console.log(`HAProxy serves at http://${FRONT}/`);
  // One at a time: a restart that was begun is finished first.
  for await (const [signal] of signals) {
    if (signal !== 'SIGHUP') return;
    await replicas.restart();
  }
}

try {
  await Promise.race([run(), haproxy.failed]);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
await haproxy.stop();
await replicas.stop();
