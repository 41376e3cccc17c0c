import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * A port of 127.0.0.1 that nobody listens on, for what has to be told one before it starts. Below those that
 * systems hand out for port 0 (from 32768 on Linux, 49152 elsewhere): no other process is given it meanwhile.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 22_000);
    const server = createServer().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch {
      continue;
    }
    server.close();
    await once(server, 'close');
    return port;
  }
}

/** The same, as an address to listen on. */
export async function freeListen(): Promise<string> {
  return `127.0.0.1:${await freePort()}`;
}
