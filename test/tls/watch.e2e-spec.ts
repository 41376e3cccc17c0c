import { once } from 'node:events';
import { chmod, mkdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Pool, PoolEvent, PoolOptions, PooledServer } from '../../lib/index.js';
import { knownHealth } from '../../lib/server/server-health.js';
import {
  ca,
  client,
  clientCa,
  issue,
  type IssueOptions,
  localhost,
  renewed,
  type KeyPair,
} from '../support/certificates.js';
import { LOOPBACK } from '../support/handlers.js';
import { keepAlive } from '../support/http-client.js';
import { Opened } from '../support/opened.js';
import { SteadyClients } from '../support/steady-clients.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const third = await issue(ca, ['localhost', 'third.test']);
const days = (count: number): Date => new Date(Date.now() + count * 86_400_000);
const soon = await issue(ca, ['localhost'], { notAfterDate: days(3) });
const ended = await issue(ca, ['localhost'], { notAfterDate: days(-1) });

let folder = '';
let pool: Pool;
let lines: string[] = [];
const events: PoolEvent[] = [];
let onEvent: () => void = () => undefined;

beforeEach(async () => {
  folder = await opened.folder();
  lines = [];
  events.length = 0;
  pool = watchedPool();
});

function watchedPool(tls?: PoolOptions['tls']): Pool {
  const made = opened.pool({
    handlers: () => ({ default: (_request, response) => response.end('hello') }),
    logger: {
      log: () => undefined,
      warn: (line: string) => lines.push(line),
      error: (line: string) => lines.push(line),
    },
    tls,
  });
  made.events$.subscribe((event) => {
    events.push(event);
    onEvent();
  });
  return made;
}

const paths = (): KeyPair => ({ cert: join(folder, 'tls.crt'), key: join(folder, 'tls.key') });

async function serve(fields: object = { watch: true }, more: object = {}): Promise<PooledServer> {
  const tls = { certs: [paths()], ...fields };
  return pool.storeNew({ name: 'a', listen: LOOPBACK, tls, ...more }, { start: true });
}

async function presents(server: PooledServer, more: object = {}): Promise<string> {
  const { port } = server.address as { port: number };
  const socket = connect({
    host: '127.0.0.1',
    port,
    servername: 'localhost',
    rejectUnauthorized: false,
  });
  await once(socket, 'secureConnect');
  const pem = socket.getPeerCertificate().raw.toString('base64');
  socket.destroy();
  const flat = (text: string): string => text.replace(/-----[^-]+-----|\s/g, '');
  const known: Record<string, KeyPair> = { localhost, renewed, third, soon, ended, ...more };
  return Object.entries(known).find(([, { cert }]) => flat(cert) === pem)?.[0] ?? 'unknown';
}

/** Resolves with the next event that is meant. */
function nextEvent(isMeant: (event: PoolEvent) => boolean): Promise<PoolEvent> {
  const from = events.length;
  return new Promise((resolve) => {
    onEvent = () => {
      const found = events.slice(from).find(isMeant);
      if (found) resolve(found);
    };
    onEvent();
  });
}

const isConfig = ({ type }: PoolEvent): boolean => type === 'config';
const isHealth = ({ type }: PoolEvent): boolean => type === 'health';

async function write({ cert, key }: KeyPair): Promise<void> {
  await writeFile(paths().cert, cert);
  await writeFile(paths().key, key, { mode: 0o600 });
}

async function replace({ cert, key }: KeyPair): Promise<void> {
  for (const [path, text] of [
    [paths().cert, cert],
    [paths().key, key],
  ] as const) {
    await writeFile(`${path}.new`, text, { mode: 0o600 });
    await rename(`${path}.new`, path);
  }
}

let version = 0;
/** As Kubernetes publishes a secret. */
async function publish({ cert, key }: KeyPair): Promise<void> {
  version += 1;
  const data = join(folder, `..${version}`);
  await mkdir(data);
  await writeFile(join(data, 'tls.crt'), cert);
  await writeFile(join(data, 'tls.key'), key, { mode: 0o600 });
  await symlink(`..${version}`, join(folder, '..data_tmp'));
  await rename(join(folder, '..data_tmp'), join(folder, '..data'));
}

describe('certificates whose files are watched', () => {
  it.each([
    ['in place', write],
    ['by a rename', replace],
  ])('are served anew each time they are written %s', async (_, change) => {
    await change(localhost);
    const server = await serve();
    for (const [name, pair] of Object.entries({ renewed, third, localhost })) {
      const taken = nextEvent(isConfig);
      await change(pair);
      expect(await taken).toMatchObject({ kind: 'live', server: 'a' });
      expect(await presents(server)).toBe(name);
    }
    expect(lines).toEqual([]);
  });

  it('are served anew each time a mounted secret is swapped', async () => {
    await publish(localhost);
    await symlink('..data/tls.crt', paths().cert);
    await symlink('..data/tls.key', paths().key);
    const server = await serve();
    for (const [name, pair] of Object.entries({ renewed, third, localhost })) {
      const taken = nextEvent(isConfig);
      await publish(pair);
      await taken;
      expect(await presents(server)).toBe(name);
    }
  });

  it('stay those before when a file is bad, told once in the log, the events and the health', async () => {
    await write(localhost);
    const server = await serve();
    const degraded = nextEvent(isHealth);
    await writeFile(paths().cert, 'no certificate at all');
    expect(await degraded).toMatchObject({ status: 'degraded' });
    expect(await presents(server)).toBe('localhost');
    expect(await server.monitor()).toMatchObject({ status: 'degraded' });
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain((await readFile(paths().key, 'utf8')).split('\n')[1]);

    const up = nextEvent(isHealth);
    await write(renewed);
    expect(await up).toMatchObject({ status: 'up' });
    expect(await presents(server)).toBe('renewed');
    expect(await server.monitor()).toMatchObject({ status: 'up' });
  });

  it('stay those before while half of the bundle of CAs is written', async () => {
    await write(localhost);
    const clientCA = join(folder, 'clients.pem');
    const bundle = ca.cert + clientCa.cert;
    await writeFile(clientCA, bundle);
    const server = await serve({ watch: true, clientCA, authClient: 'require' });
    const { port } = server.address as { port: number };
    const to = { host: '127.0.0.1', port, servername: 'localhost', ca: ca.cert };
    const socket = connect({ ...to, ...client });
    opened.onClose(() => socket.destroy());
    const asks = async (): Promise<string> => {
      socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      return String(((await once(socket, 'data')) as [Buffer])[0]);
    };
    expect(await asks()).toContain('200 OK');
    for (const cut of [300, 30, 5]) {
      const degraded = nextEvent(isHealth);
      await writeFile(clientCA, bundle.trim().slice(0, -cut));
      expect(await degraded).toMatchObject({ status: 'degraded' });
      expect(lines.at(-1)).toContain('tls.clientCA');
      expect(await asks()).toContain('200 OK');
      const up = nextEvent(isHealth);
      await writeFile(clientCA, bundle);
      expect(await up).toMatchObject({ status: 'up' });
    }
  });

  it.each([
    ['in place', write],
    ['by a rename', replace],
  ])(
    'are served anew when they are written %s between a look and the change',
    async (_, change) => {
      await change(localhost);
      let answer: () => void = () => undefined;
      let asked: () => void = () => undefined;
      const isAsked = new Promise<void>((resolve) => (asked = resolve));
      const waiting = opened.pool({
        tls: () => {
          asked();
          return new Promise((resolve) => (answer = () => resolve({ certs: [localhost] })));
        },
      });
      await waiting.start();
      const reloaded = new Promise<void>((resolve) => {
        waiting.events$.subscribe(({ type, server }) => {
          if (type === 'config' && server === 'a') resolve();
        });
      });
      const applied = waiting.apply([
        { name: 'a', listen: LOOPBACK, tls: { certs: [paths()], watch: true } },
        { name: 'b', listen: LOOPBACK, tls: { inheritDefault: true } },
      ]);
      // That of the one is read by now.
      await isAsked;
      await change(renewed);
      answer();
      await applied;
      await reloaded;
      expect(await presents(waiting.get('a')!)).toBe('renewed');
    },
  );

  it('are not looked at any more when the server has stopped, and are when it runs again', async () => {
    await write(localhost);
    const server = await serve();
    await server.stop();
    await write(renewed);
    await server.start();
    expect(await presents(server)).toBe('renewed');
    const taken = nextEvent(isConfig);
    await write(third);
    await taken;
    expect(await presents(server)).toBe('third');
  });

  it('disturb no request that is under way', async () => {
    await write(localhost);
    const server = await serve();
    const { port } = server.address as { port: number };
    const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca: ca.cert });
    await once(socket, 'secureConnect');
    socket.write('GET / HTTP/1.1\r\n');
    const taken = nextEvent(isConfig);
    await replace(renewed);
    await taken;
    socket.write('Host: a\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1.1 200/);
    socket.destroy();
  });
});

/** `npm run test:swaps` makes 100. */
const swaps = Number(process.env.CERTIFICATE_SWAPS ?? 6);

it.each(['http1', 'http2'] as const)(
  `fails no handshake and no request in ${swaps} swaps of certificates under load, with %s`,
  async (protocol) => {
    await replace(localhost);
    const server = await serve({ watch: true }, { protocol });
    const agent = keepAlive(true);
    const anew = new SteadyClients([server.url ?? '']);
    const kept = new SteadyClients([server.url ?? ''], { agent });
    opened.onClose(async () => {
      await Promise.all([anew.abort(), kept.abort()]);
      agent.destroy();
    });
    const names = ['renewed', 'third', 'localhost'] as const;
    const pairs = { renewed, third, localhost };
    for (let swap = 0; swap < swaps; swap += 1) {
      const name = names[swap % names.length]!;
      const taken = nextEvent(isConfig);
      await replace(pairs[name]);
      await taken;
      expect(await presents(server)).toBe(name);
      await anew.more();
    }
    await Promise.all([anew.end(), kept.end()]);
    expect([...anew.failures, ...kept.failures]).toEqual([]);
    expect([...anew.bodies, ...kept.bodies]).toEqual(['hello', 'hello']);
  },
  300_000,
);

describe('what a function of the default TLS has failed with', () => {
  it.each<[string, (server: PooledServer) => Promise<unknown>]>([
    ['a restart', (server) => server.restart()],
    ['a restart of the pool', () => pool.restart()],
    [
      'a config that changes something else',
      (server) => server.setConfig({ ...server.config, readTimeout: 1234 }),
    ],
    ['a config that changes nothing', (server) => server.setConfig(server.config)],
    ['an apply of what there is', (server) => pool.apply([server.config])],
  ])('is of no concern any more once %s has asked it again', async (_, ask) => {
    await write(localhost);
    let fault: Error | undefined;
    pool = watchedPool(async () => {
      if (fault) throw fault;
      return { certs: [paths()], watch: true };
    });
    const tls = { inheritDefault: true };
    const server = await pool.storeNew({ name: 'a', listen: LOOPBACK, tls }, { start: true });
    fault = new Error('the vault is sealed');
    const degraded = nextEvent(({ status }) => status === 'degraded');
    await write(localhost);
    expect((await degraded).message).toContain(fault.message);
    fault = undefined;
    await ask(server);
    expect(knownHealth(server)).toMatchObject({ status: 'up' });
    expect(events.filter(isHealth).map(({ status }) => status)).toEqual(['degraded', 'up']);
  });
});

describe('the end of a certificate', () => {
  it.each([
    ['is near', soon, /^the certificate of localhost expires on/],
    ['has come', ended, /^the certificate of localhost expired on/],
  ])('degrades the health when it %s, and no sooner', async (_, pair, message) => {
    await write(pair);
    const server = await serve({ watch: false });
    const report = await server.monitor();
    expect(report.status).toBe('degraded');
    expect(report.message).toMatch(message);
    await write(localhost);
    await server.restart();
    expect(await server.monitor()).toMatchObject({ status: 'up' });
  });

  const near = {
    status: 'degraded',
    message: expect.stringMatching(/^the certificate of localhost/),
  };

  it.each([
    ['has ended', ended],
    ['ends soon', soon],
  ])('is of no concern where another one is served in its place: one that %s', async (_, left) => {
    const own = await serve({ certs: [left, localhost] });
    const inherits = { certs: [localhost], inheritDefault: true };
    const inheriting = opened.server(
      { name: 'b', listen: LOOPBACK, tls: inherits },
      { tls: { certs: [left] } },
    );
    await inheriting.start();
    for (const server of [own, inheriting]) {
      expect(await server.monitor()).toMatchObject({ status: 'up' });
      expect(server.stats().certificates).toHaveLength(1);
    }
  });

  it.each<[string, IssueOptions, RegExp]>([
    [
      'another name has ended',
      { notBeforeDate: days(-9), notAfterDate: days(-1) },
      /^the certificate of other.test expired on/,
    ],
    [
      'another name is not valid yet',
      { notBeforeDate: days(1), notAfterDate: days(9) },
      /^the certificate of other.test is not valid before/,
    ],
  ])('degrades the health when that of %s', async (_, dates, message) => {
    const other = await issue(ca, ['other.test'], dates);
    for (const monitor of [undefined, { intervalCheck: 1, fallCountWarn: 1, fallCountKO: 1 }]) {
      const server = await serve({ certs: [localhost, other] }, { monitor });
      await expect(server.healthCheck()).rejects.toThrow(/the certificate of other.test/);
      const report = await server.monitor();
      expect(report).toMatchObject({ status: 'degraded', message: expect.stringMatching(message) });
      await server.setConfig({ ...server.config, tls: { certs: [localhost] } });
      await expect(server.healthCheck()).resolves.toBeUndefined();
      expect(await server.monitor()).toMatchObject({ status: 'up' });
      await pool.clean();
    }
  });

  it('is not waited for by one that ends later and becomes valid before', async () => {
    const begins = Date.now() + 2_000;
    // The last to end of all.
    const notAfterDate = days(1_000);
    const coming = await issue(ca, ['localhost'], {
      notBeforeDate: new Date(begins),
      notAfterDate,
    });
    const taken = nextEvent(isConfig);
    const server = await serve({ certs: [localhost, coming] });
    // On a machine that takes its time it was valid from the begin.
    if (server.material?.chosenUntil !== Infinity) await taken;
    expect(server.material?.chosenUntil).toBe(Infinity);
    expect(await presents(server, { coming })).toBe('coming');
  });

  it('degrades the health again when the server was stopped and started meanwhile', async () => {
    await write(soon);
    const server = await serve({ watch: false });
    await server.stop();
    expect((await server.monitor()).status).toBe('down');
    await server.start();
    expect(await server.monitor()).toMatchObject(near);
    expect(knownHealth(server)).toMatchObject(near);
  });

  it('is of no concern once the server speaks plain HTTP, and is one again with TLS', async () => {
    await write(soon);
    const server = await serve({ watch: false });
    const plain = { name: 'a', listen: LOOPBACK };
    await server.setConfig(plain);
    expect(await server.monitor()).toMatchObject({ status: 'up' });
    expect(knownHealth(server)).toMatchObject({ status: 'up' });
    await server.setConfig({ ...plain, tls: { certs: [paths()], expiryWarning: '4d' } });
    expect(await server.monitor()).toMatchObject(near);
  });

  it('is told as an event behind the one of the start, and behind the one of its end', async () => {
    await write(soon);
    const server = await serve({ watch: false });
    await server.stop();
    await server.start();
    await server.setConfig({ name: 'a', listen: LOOPBACK });
    if (events.at(-1)?.status !== 'up') await nextEvent(({ status }) => status === 'up');
    expect(events.map(({ type, state, status }) => status ?? `${type} ${state}`)).toEqual([
      'added stopped',
      'state starting',
      'state running',
      'degraded',
      'state draining',
      'state stopped',
      'state starting',
      'state running',
      'degraded',
      'config running',
      'up',
    ]);
  });

  it('is told to be of no concern any more behind the start that mends it', async () => {
    await write(soon);
    const server = await serve({ watch: false });
    await server.stop();
    await write(localhost);
    await server.start();
    expect(events.slice(-3).map(({ state, status }) => status ?? state)).toEqual([
      'starting',
      'running',
      'up',
    ]);
  });

  it('is for how long the server has not been up, over a restart too', async () => {
    await write(soon);
    const began = Math.floor(performance.now());
    const server = await serve({ watch: false });
    const { downtime } = await server.monitor();
    expect(downtime).toBeGreaterThan(0);
    await server.restart();
    const later = await server.monitor();
    expect(later.downtime).toBeGreaterThanOrEqual(downtime);
    expect(later.downtime).toBeLessThanOrEqual(Math.ceil(performance.now() - began));
    await write(localhost);
    await server.restart();
    expect(await server.monitor()).toMatchObject({ status: 'up', downtime: 0 });
    await write(soon);
    const again = Math.floor(performance.now());
    await server.restart();
    const { downtime: anew } = await server.monitor();
    expect(anew).toBeGreaterThan(0);
    expect(anew).toBeLessThanOrEqual(Math.ceil(performance.now() - again));
  });

  it('is told once, and not while the monitor finds worse', async () => {
    await write(localhost);
    const quick = { intervalCheck: 5, intervalFall: 5, fallCountWarn: 1, fallCountKO: 1 };
    const server = await serve({ watch: false }, { monitor: { path: '/', ...quick } });
    const down = nextEvent(({ status }) => status === 'down');
    server.handler(() => ({ default: (_request, response) => response.writeHead(500).end() }));
    await down;
    await write(soon);
    await server.restart();
    // The concern stands: without a monitor it is all that is left.
    await server.setConfig({ ...server.config, monitor: undefined });
    const health = events.filter(isHealth).map(({ status }) => status);
    expect(health).toEqual(['degraded', 'down', 'degraded']);
  });

  it('is told by the stats, and when it is near is for the config to say', async () => {
    await write(soon);
    const server = await serve({ expiryWarning: '2d' });
    expect(await server.monitor()).toMatchObject({ status: 'up' });
    const [certificate] = server.stats().certificates!;
    expect(certificate!.names).toEqual(['localhost']);
    expect(Math.abs(Date.parse(certificate!.notAfter) - days(3).getTime())).toBeLessThan(3_600_000);
    await server.stop();
    expect(server.stats().certificates).toBeUndefined();
  });

  it('and a key that everybody can read are warnings at the start', async () => {
    await write(ended);
    await chmod(paths().key, 0o644);
    const server = await serve({ watch: false });
    const warnings = (): number[] =>
      [/tls.certs\[0\].cert expired on/, /tls.certs\[0\].key is a file that every user/].map(
        (meant) => lines.filter((line) => meant.test(line)).length,
      );
    expect(warnings()).toEqual([1, 1]);
    await server.restart();
    expect(warnings()).toEqual([1, 1]);
    await server.stop();
    await server.start();
    expect(warnings()).toEqual([2, 2]);
  });
});
