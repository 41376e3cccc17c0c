// Runs out of file descriptors, tells what its pool says of it, and has some again.
import { closeSync, openSync } from 'node:fs';
import { Pool } from '../../../dist/index.js';

const handlers = () => ({ default: (_request, response) => response.end('here') });
const pool = new Pool({ handlers });
const monitor = {
  intervalCheck: 50,
  intervalFall: 50,
  intervalRise: 50,
  fallCountWarn: 1,
  riseCountWarn: 1,
};
await pool.storeNew({ name: 'a', listen: '127.0.0.1:0', monitor }, { start: true });
const held = [];
pool.events$.subscribe(async ({ type, status, message }) => {
  if (type !== 'health' || status === 'degraded') return;
  const [{ status: monitored }] = await pool.monitor();
  process.stdout.write(`${status} ${monitored} ${message ?? ''}\n`);
  if (status === 'down') held.splice(0).forEach((descriptor) => closeSync(descriptor));
  else await pool.stop();
});
try {
  for (;;) held.push(openSync('/dev/null', 'r'));
} catch ({ code }) {
  process.stdout.write(`${code}\n`);
}
