/** Two workers of `node:cluster`; at SIGHUP one after the other is replaced once its successor listens. */
import cluster from 'node:cluster';
import { once } from 'node:events';

if (cluster.isPrimary) {
  const fork = async () => {
    const worker = cluster.fork();
    await once(worker, 'listening');
    return worker;
  };
  let workers = await Promise.all([fork(), fork()]);
  process.on('SIGHUP', async () => {
    for (const worker of workers) {
      const successor = await fork();
      workers = workers.map((one) => (one === worker ? successor : one));
      // Disconnects it, which closes its servers and waits for their connections; then SIGTERM.
      worker.kill('SIGTERM');
      await once(worker, 'exit');
    }
  });
  process.on('SIGTERM', () => {
    for (const worker of workers) worker.process.kill('SIGTERM');
  });
  cluster.on('exit', () => {
    if (Object.keys(cluster.workers).length === 0) process.exit();
  });
} else {
  await import('./nest-alone.js');
}
