import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Pool,
  PooledServer,
  type PooledServerOptions,
  type PoolOptions,
  type ServerOptions,
} from '../../lib/index.js';
import { freePort } from './free-port.js';

type Close = () => unknown;

/** What a test opens, for one `afterEach` to close. */
export class Opened {
  private readonly closers: Close[] = [];

  onClose(close: Close): void {
    this.closers.push(close);
  }

  pool(options?: PoolOptions): Pool {
    return this.addPool(new Pool(options));
  }

  addPool(pool: Pool): Pool {
    this.onClose(() => pool.stop({ timeout: 0 }));
    return pool;
  }

  server(options: ServerOptions, context?: PooledServerOptions): PooledServer {
    return this.addServer(PooledServer.create(options, context));
  }

  addServer(server: PooledServer): PooledServer {
    this.onClose(() => server.stop({ timeout: 0 }));
    return server;
  }

  /** A port that another listener of this process holds until the test ends. */
  async takenPort(
    host = '127.0.0.1',
  ): Promise<{ port: number; listen: string; free: () => Promise<void> }> {
    const port = await freePort();
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(port, host, resolve));
    const free = (): Promise<void> => close(server);
    this.onClose(free);
    return { port, listen: `${host.includes(':') ? `[${host}]` : host}:${port}`, free };
  }

  /** An empty folder that goes away with the test. */
  async folder(): Promise<string> {
    const path = await mkdtemp(join(tmpdir(), 'pool-'));
    this.onClose(() => rm(path, { recursive: true, force: true }));
    return path;
  }

  async closeAll(): Promise<void> {
    for (const close of this.closers.splice(0).reverse()) await close();
  }
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => (server.listening ? server.close(() => resolve()) : resolve()));
}
