import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { localhost } from '../support/certificates.js';
import { get, RawClient } from '../support/raw-client.js';
import { CodeOnDisk } from './support/code-on-disk.js';
import { Supervised } from './support/supervised.js';

// Each start of a process takes seconds on a busy machine.
jest.setTimeout(180_000);

const library = new URL('../../dist/index.js', import.meta.url).href;

/** No timeout may end a connection on a busy machine; and were a grace waited for, no test would end. */
const server = {
  listen: '127.0.0.1:0',
  idleTimeout: '1h',
  readTimeout: '1h',
  readHeaderTimeout: '1h',
  handshakeTimeout: '1h',
  shutdown: { timeout: '1h' },
};

/** Answers `<generation> <address of the client>`. */
const serving = (says: string, servers: readonly object[]): string => `
import { Pool, PooledServer } from '${library}';
const handlers = () => ({
  default: ({ url, socket }, response) => response.end(\`${says} \${socket.remoteAddress} \${url};\`),
});
const pool = new Pool();
for (const options of ${JSON.stringify(servers)}) {
  await pool.store(PooledServer.create(options, { handlers }));
}
await pool.start();
console.log('listens', ...[...pool].map(({ address }) => address.port));
`;

describe('an idle connection of a generation that leaves', () => {
  let code: CodeOnDisk;
  let app: Supervised;
  const clients: RawClient[] = [];
  beforeEach(async () => void (code = await CodeOnDisk.at()));
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await app.kill();
    await code.remove();
  });

  /** Starts the servers, and resolves to their ports. */
  const start = async (servers: readonly object[], options: string[] = []): Promise<number[]> => {
    await code.write(serving('one', servers));
    app = new Supervised(code.entry, { options });
    const listens = app.line('listens ');
    await app.ready();
    return (await listens).split(' ').slice(1).map(Number);
  };
  /** Deploys the servers, and resolves when the generation before has left. */
  const upgrade = async (servers: readonly object[], says = 'two'): Promise<void> => {
    const left = app.line('has left');
    await beginUpgrade(servers, says);
    await left;
  };
  /** The same, and resolves when the next generation is ready. */
  const beginUpgrade = async (servers: readonly object[], says = 'two'): Promise<void> => {
    await code.write(serving(says, servers));
    await app.upgraded();
  };
  const connect = async (port: number): Promise<RawClient> => {
    const client = await RawClient.connect(`http://127.0.0.1:${port}`);
    clients.push(client);
    return client;
  };
  /** What is answered to a GET on a connection that is kept: its head and its body. */
  const ask = async (client: RawClient, path = '/'): Promise<string> => {
    client.received = '';
    client.send(get(path));
    return client.until(`${path};`);
  };

  it('goes on with the next one, and so does one that has not asked yet', async () => {
    const servers = [{ name: 'main', ...server }];
    const [port = 0] = await start(servers, ['--workers', '2']);
    const kept = await Promise.all(Array.from({ length: 40 }, () => connect(port)));
    const silent = await connect(port);
    for (const client of kept) expect(await ask(client)).toContain('one 127.0.0.1');
    for (const says of ['two', 'three']) {
      await upgrade(servers, says);
      for (const client of kept.slice(0, 20)) {
        const answer = await ask(client);
        expect(answer).toContain(`${says} 127.0.0.1`);
        expect(answer).toContain('Connection: keep-alive');
      }
    }
    for (const client of [silent, ...kept]) expect(await ask(client)).toContain('three');
    expect(await app.stop()).toBe(0);
  });

  it('keeps what is known of it: the address of the client, the requests that it has had', async () => {
    const proxied = {
      name: 'proxied',
      ...server,
      proxyProtocol: 'required',
      trustedProxies: ['127.0.0.1'],
    };
    const counted = { name: 'counted', ...server, keepAliveMaxRequests: 3 };
    const [behind = 0, plain = 0] = await start([proxied, counted]);
    const [client, other, late] = [
      await connect(behind),
      await connect(plain),
      await connect(behind),
    ];
    const header = 'PROXY TCP4 203.0.113.7 203.0.113.1 4711 80\r\n';
    client.send(header);
    expect(await ask(client)).toContain('one 203.0.113.7');
    await ask(other);
    for (const says of ['two', 'three']) {
      await upgrade([proxied, counted], says);
      expect(await ask(client)).toContain(`${says} 203.0.113.7`);
    }
    expect(await ask(other)).toContain('Connection: keep-alive');
    expect(await ask(other)).toContain('Connection: close');
    // The header of one that has never sent a byte is still to come.
    late.send(header.replace('.7', '.8'));
    expect(await ask(late)).toContain('three 203.0.113.8');
  });

  it('is left to drain where the next one would not serve it the same', async () => {
    const names = ['gone', 'tls', 'untrusted'];
    const before = names.map((name) => ({ name, ...server }));
    const proxied = { proxyProtocol: 'required', trustedProxies: ['127.0.0.0/8'] };
    const [gone, tls, untrusted] = await start([
      ...before.slice(0, 2),
      { ...before[2], ...proxied },
    ]);
    const all = await Promise.all([gone!, tls!, untrusted!].map(connect));
    all[2]!.send('PROXY TCP4 203.0.113.7 203.0.113.1 4711 80\r\n');
    for (const client of all) await ask(client);
    const left = app.line('has left');
    await beginUpgrade([
      { ...before[1], tls: { certs: [localhost] } },
      { ...before[2], ...proxied, trustedProxies: ['192.0.2.1'] },
    ]);
    for (const client of all) {
      // The first may come before the generation is told to leave.
      while (!(await ask(client)).includes('Connection: close'))
        expect(client.received).toContain('one ');
      expect(client.received).toContain('one ');
    }
    await left;
  });

  it('is left to drain where the next one has no descriptor left for it', async () => {
    const servers = [{ name: 'main', ...server }];
    const [port = 0] = await start(servers);
    const kept = await Promise.all(Array.from({ length: 3 }, () => connect(port)));
    for (const client of kept) await ask(client);
    await code.write(`${serving('two', servers)}
import { execFileSync } from 'node:child_process';
import { openSync } from 'node:fs';
execFileSync('prlimit', ['--pid', String(process.pid), '--nofile=64']);
try { for (;;) openSync('/dev/null'); } catch ({ code }) { console.log('the last descriptor:', code); }
`);
    const left = app.line('has left');
    await app.upgraded();
    for (const client of kept) {
      while (!(await ask(client)).includes('Connection: close'));
      expect(client.received).toContain('one ');
    }
    await left;
    expect(app.lines).toContain('the last descriptor: EMFILE');
  });

  it('is left to drain where it is not idle', async () => {
    const servers = [{ name: 'main', ...server }];
    const [port = 0] = await start(servers);
    const [half, idle] = [await connect(port), await connect(port)];
    await ask(idle);
    await ask(half);
    half.received = '';
    half.send('GET /half HTTP/1.1\r\nHost: ');
    await ask(idle);
    const left = app.line('has left');
    await beginUpgrade(servers);
    while (!(await ask(idle)).includes('two '));
    half.send('localhost\r\n\r\n');
    expect(await half.until('/half;')).toContain('Connection: close');
    expect(half.received).toContain('one ');
    await left;
  });
});
