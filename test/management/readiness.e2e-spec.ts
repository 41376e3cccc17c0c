import { afterEach, describe, expect, it } from '@jest/globals';
import { Opened } from '../nest/support/adapters.js';
import { waitFor } from '../support/events.js';
import { LOOPBACK } from '../support/handlers.js';
import { ask } from '../support/http-client.js';
import { kinds, managed } from './support.js';

const ONE_STEP = { fallCountWarn: 1, fallCountKO: 1, riseCountKO: 1, riseCountWarn: 1 };
const JSON_FORM = 'application/health+json';

describe('/readyz', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  /** With a server whose health its monitor finds as the test says. */
  const withSick = async (intervalFall: string | number) => {
    let status = 200;
    let asked = 0;
    const monitor = { path: '/', intervalCheck: 5, intervalFall, intervalRise: '1h', ...ONE_STEP };
    const application = await managed(opened, kinds[2]!.make, {
      servers: [
        { name: 'sick', listen: LOOPBACK, monitor },
        { name: 'well', listen: LOOPBACK },
        { name: 'off', listen: LOOPBACK, disabled: true },
      ],
      management: LOOPBACK,
      handlers: () => ({
        default: (_request, response) => {
          asked += 1;
          response.writeHead(status).end();
        },
      }),
    });
    const until = (wanted: string) =>
      waitFor(application.pool, (event) => event.type === 'health' && event.status === wanted);
    return { ...application, until, asked: () => asked, answer: (next: number) => (status = next) };
  };

  it('is 200 with warn while a server is degraded, and 503 when it is down', async () => {
    const degraded = await withSick('1h');
    const fallen = degraded.until('degraded');
    degraded.answer(500);
    await fallen;
    const warned = await ask(degraded.url('/readyz'));
    expect([warned.status, warned.body]).toEqual([200, 'warn\n']);
    expect((await ask(degraded.url('/health'))).status).toBe(200);
    const down = await withSick(5);
    const gone = down.until('down');
    down.answer(500);
    await gone;
    expect(await ask(down.url('/readyz'))).toMatchObject({ status: 503, body: 'fail\n' });
    expect((await ask(down.url('/health'))).status).toBe(503);
  });

  it('costs no check, and moves nothing, however often it is asked', async () => {
    const { url, until, answer, asked, pool } = await withSick('1h');
    const fallen = until('degraded');
    answer(500);
    await fallen;
    const before = asked();
    const requests = (): number => pool.get('well')!.stats().requests;
    const connections = requests();
    for (let count = 0; count < 20; count += 1) {
      await ask(url('/readyz'));
      await ask(url('/health'));
    }
    expect(asked()).toBe(before);
    expect(requests()).toBe(connections);
    expect((await ask(url('/readyz'))).body).toBe('warn\n');
  });

  it('names no server but with ?verbose, where each has its reason', async () => {
    const { url, until, answer, pool } = await withSick('1h');
    const fallen = until('degraded');
    answer(500);
    await fallen;
    await pool.get('well')!.stop();
    for (const path of ['/readyz', '/readyz?', '/readyz?verbos']) {
      expect((await ask(url(path))).body).toBe('fail\n');
    }
    const lines = (await ask(url('/readyz?verbose'))).body.split('\n');
    expect(lines).toEqual([
      "[!] sick degraded: Server 'sick' (127.0.0.1:0) is not healthy: GET / answered 500",
      '[-] well down: it is stopped',
      '[+] off disabled',
      'fail',
      '',
    ]);
  });

  it('is health+json for who asks for it by name', async () => {
    const { url, until, answer } = await withSick('1h');
    const passing = await ask(url('/readyz'), { headers: { Accept: JSON_FORM } });
    expect(passing.headers['content-type']).toBe(`${JSON_FORM}; charset=utf-8`);
    expect(JSON.parse(passing.body).status).toBe('pass');
    const fallen = until('degraded');
    answer(500);
    await fallen;
    const warned = await ask(url('/readyz'), { headers: { Accept: `text/html, ${JSON_FORM}` } });
    expect(warned.headers.vary).toBe('Accept');
    expect(JSON.parse(warned.body)).toEqual({
      status: 'warn',
      checks: {
        sick: [
          {
            componentType: 'component',
            observedValue: 'degraded',
            status: 'warn',
            output: "Server 'sick' (127.0.0.1:0) is not healthy: GET / answered 500",
          },
        ],
        well: [{ componentType: 'component', observedValue: 'up', status: 'pass' }],
        off: [{ componentType: 'component', observedValue: 'disabled', status: 'pass' }],
      },
    });
    for (const Accept of ['*/*', 'application/*', `${JSON_FORM};q=0`, `${JSON_FORM};q=0.5, */*`]) {
      const plain = await ask(url('/readyz'), { headers: { Accept } });
      expect([plain.body, plain.headers.vary]).toEqual(['warn\n', 'Accept']);
    }
  });

  it('keeps what a reason says on its line', async () => {
    const { url, pool } = await managed(opened, kinds[2]!.make, {
      servers: [{ name: 'a:b', listen: LOOPBACK }],
      management: LOOPBACK,
      autoStart: false,
    });
    await pool.get('management')!.start();
    const server = pool.get('a:b')!;
    server.getError = () => new Error('first\r\n[+] second\u2028third');
    const { body } = await ask(url('/readyz?verbose'));
    expect(body.split('\n')).toEqual([
      '[-] the pool is not started',
      '[-] a:b down: first [+] second third',
      'fail',
      '',
    ]);
    const form = await ask(url('/readyz'), { headers: { Accept: JSON_FORM } });
    expect(JSON.parse(form.body)).toMatchObject({
      status: 'fail',
      output: 'the pool is not started',
      checks: { 'a%3Ab': [{ status: 'fail' }] },
    });
  });
});
