// Starts and stops its pool when it is told, tells what is left of it, and must exit by itself.
import { readFileSync } from 'node:fs';
import { Pool } from '../../../dist/index.js';

const options = JSON.parse(readFileSync(0, 'utf8'));

const chunk = Buffer.alloc(65_536, 'x');
const writeForEver = (response) => {
  while (!response.destroyed && response.write(chunk));
  if (!response.destroyed) response.once('drain', () => writeForEver(response));
};

const handler = {
  request(request, response) {
    if (request.url === '/large') response.end(Buffer.alloc(16 * 1024 * 1024, 'x'));
    else if (request.url === '/endless') writeForEver(response);
    else request.resume().once('end', () => response.end('answered'));
  },
  upgrade: (_request, socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n'),
  connect: (_request, socket) => socket.write('HTTP/1.1 200 Connected\r\n\r\n'),
};

const pool = new Pool({ handlers: () => ({ default: handler }) });
const config = { name: 'a', listen: '127.0.0.1:0', shutdown: { timeout: 100 } };
const server = await pool.storeNew({ ...config, ...options }, { start: true });

const commands = {
  start: () => pool.start(),
  restart: () => pool.restart(),
  async stop() {
    const [report] = await pool.stop();
    // What is destroyed is gone after the close callbacks of this turn.
    await new Promise((resolve) => setImmediate(resolve));
    const all = process.getActiveResourcesInfo();
    return { report, left: all.filter((name) => /Timeout|TCP|TLS|Server/.test(name)) };
  },
  end: () => process.disconnect(),
};

process.on('message', async (command) => {
  const outcome = await commands[command]();
  if (process.connected) process.send({ ...outcome, url: server.url });
});
process.send({ url: server.url });
