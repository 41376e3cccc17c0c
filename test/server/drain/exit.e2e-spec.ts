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
  readonly url: string;
  readonly report: DrainReport;
  /** The timers, sockets and listeners that outlive the stop. */
  readonly left: string[];
}

/** A process with a pool of one server. */
class PoolProcess {
  private constructor(
    private readonly child: ChildProcess,
    public url: string,
    readonly tls: boolean,
  ) {}

  static async start(options: Partial<ServerOptions>): Promise<PoolProcess> {
    const script = new URL('../children/stopped-pool.mjs', import.meta.url).pathname;
    const child = fork(script, { stdio: ['pipe', 'inherit', 'inherit', 'ipc'] });
    opened.onClose(() => child.exitCode ?? child.kill('SIGKILL'));
    child.stdin?.end(JSON.stringify(options));
    const [{ url }] = (await once(child, 'message')) as [Told];
    return new PoolProcess(child, url, options.tls !== undefined);
  }

  async ask(command: 'start' | 'restart' | 'stop'): Promise<Told> {
    const told = once(this.child, 'message');
    this.child.send(command);
    const [outcome] = (await told) as [Told];
    this.url = outcome.url;
    return outcome;
  }

  /** Nothing but the channel to this process holds it: without that it must exit. */
  async exit(): Promise<void> {
    const exited = once(this.child, 'exit');
    this.child.send('end');
    expect(await exited).toEqual([0, null]);
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
  it('after clients on two transports, and connections that stay open', async () => {
    const process = await PoolProcess.start(options);
    for (const transport of ['old', 'new']) {
      if (options.protocol === 'http2') {
        const client = await Http2Client.connect(process.url);
        opened.onClose(() => client.close());
        await client.ask('/');
      } else {
        const client = await openHostile('pipelined', serverOf(process));
        opened.onClose(() => client.close());
        await client.until('answered');
      }
      if (transport === 'old') await process.ask('restart');
    }
    expect(await process.ask('stop')).toMatchObject({ report: { timedOut: false }, left: [] });
    await process.exit();
  });
});

it('a process whose pool was stopped against hostile clients has nothing left, and exits', async () => {
  const process = await PoolProcess.start({ tls, protocol: 'http2' });
  for (const kind of Object.keys(hostile) as HostileKind[]) {
    const client = await openHostile(kind, serverOf(process));
    opened.onClose(() => client.close());
    await allRead(serverOf(process));
    const { report, left } = await process.ask('stop');
    expect({ kind, timedOut: report.timedOut, left }).toEqual({
      kind,
      timedOut: kind !== 'pipelined',
      left: [],
    });
    await process.ask('start');
  }
  const stalled = await stallHandshake(serverOf(process));
  opened.onClose(() => stalled.close());
  const { session } = await Http2Client.connect(process.url);
  opened.onClose(() => session.destroy());
  const stream = session.request({ ':path': '/endless' });
  stream.on('error', () => undefined);
  await once(stream, 'response');
  expect(await process.ask('stop')).toMatchObject({
    report: { cut: { tls: 1, http2: 1 } },
    left: [],
  });
  await process.exit();
});
