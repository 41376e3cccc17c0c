import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { DrainReport, PooledServer, ServerOptions } from '../../../lib/index.js';
import { tls } from '../../support/certificates.js';
import {
  allRead,
  hostile,
  openHostile,
  stallHandshake,
  type HostileKind,
} from '../../support/hostile-clients.js';
import { Http2Client } from '../../support/http2-client.js';
import { Opened } from '../../support/opened.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

interface Told {
  readonly report: DrainReport;
  /** The timers, sockets and listeners that outlive the stop. */
  readonly left: string[];
}

/** A process with a pool of one server. */
class PoolProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    readonly tls: boolean,
  ) {}

  static async start(options: Partial<ServerOptions>): Promise<PoolProcess> {
    const script = new URL('../children/stopped-pool.mjs', import.meta.url).pathname;
    const child = fork(script, { stdio: ['pipe', 'inherit', 'inherit', 'ipc'] });
    opened.onClose(() => child.exitCode ?? child.kill('SIGKILL'));
    child.stdin?.end(JSON.stringify(options));
    const [url] = (await once(child, 'message')) as [string];
    return new PoolProcess(child, url, options.tls !== undefined);
  }

  /** Resolves when the process has exited by itself. */
  async stop(how = 'stop'): Promise<Told> {
    const exited = once(this.child, 'exit');
    const told = once(this.child, 'message');
    this.child.send(how);
    const [outcome] = (await told) as [Told];
    expect(await exited).toEqual([0, null]);
    return outcome;
  }
}

/** What the clients need to know of a server. */
const serverOf = (process: PoolProcess): PooledServer => process as unknown as PooledServer;

describe.each<[string, Partial<ServerOptions>]>([
  ['http', {}],
  ['https', { tls }],
  ['h2c', { protocol: 'http2' }],
  ['h2', { protocol: 'http2', tls }],
])('a process whose pool has stopped exits by itself, over %s', (_name, options) => {
  it('with nothing left', async () => {
    const process = await PoolProcess.start(options);
    expect(await process.stop()).toMatchObject({ report: { timedOut: false }, left: [] });
  });

  it('after a restart with clients on both transports', async () => {
    const process = await PoolProcess.start(options);
    if (options.protocol === 'http2') {
      const client = await Http2Client.connect(process.url);
      opened.onClose(() => client.close());
      await client.ask('/');
    } else {
      const client = await openHostile('pipelined', serverOf(process));
      opened.onClose(() => client.close());
      await client.until('answered');
    }
    expect(await process.stop('restart and stop')).toMatchObject({ left: [] });
  });
});

describe('a process whose pool has stopped exits by itself, after a client that', () => {
  it.each(Object.keys(hostile) as HostileKind[])('is one of %s', async (kind) => {
    const process = await PoolProcess.start({ tls });
    const client = await openHostile(kind, serverOf(process));
    opened.onClose(() => client.close());
    await allRead(serverOf(process));
    expect(await process.stop()).toMatchObject({
      report: { timedOut: kind !== 'pipelined' },
      left: [],
    });
  });

  it('stalls its handshake', async () => {
    const process = await PoolProcess.start({ tls });
    const client = await stallHandshake(serverOf(process));
    opened.onClose(() => client.close());
    await allRead(serverOf(process));
    expect(await process.stop()).toMatchObject({ report: { cut: { tls: 1 } }, left: [] });
  });

  it('never reads its HTTP/2 stream', async () => {
    const process = await PoolProcess.start({ protocol: 'http2', tls });
    const { session } = await Http2Client.connect(process.url);
    opened.onClose(() => session.destroy());
    const stream = session.request({ ':path': '/endless' });
    stream.on('error', () => undefined);
    await once(stream, 'response');
    expect(await process.stop()).toMatchObject({ report: { cut: { http2: 1 } }, left: [] });
  });
});
