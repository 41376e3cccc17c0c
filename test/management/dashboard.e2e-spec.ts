import { afterEach, describe, expect, it } from '@jest/globals';
import type { HttpPoolModuleOptions } from '../../lib/index.js';
import { Opened, platforms } from '../nest/support/adapters.js';
import { tls } from '../support/certificates.js';
import { failure } from '../support/events.js';
import { LOOPBACK } from '../support/handlers.js';
import { ask } from '../support/http-client.js';
import { dashboarded, EventStream } from './dashboard-support.js';
import { kinds, moduleWith, type Managed } from './support.js';

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; " +
  "form-action 'none'; frame-ancestors 'none'";
const ACTING = ['/dashboard/action', '/dashboard/plan', '/dashboard/apply'];

const row =
  (name: string, isMeant: (data: any) => boolean = () => true) =>
  ({ data }: { data: any }) =>
    Array.isArray(data) && data.some((each) => each.name === name && isMeant(each));

describe.each(kinds)('the dashboard with $name', ({ make }) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const stream = async (application: Managed): Promise<EventStream> => {
    const page = await EventStream.open(application);
    opened.add(page, (one) => one.close());
    return page;
  };

  it('is one page under a strict policy, whose parts are on the same server', async () => {
    const application = await dashboarded(opened, make, true);
    const page = await ask(application.url('/'));
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers).toMatchObject({
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'x-frame-options': 'DENY',
    });
    expect(page.body).toMatch(/<html lang="en"/);
    expect(page.body).not.toMatch(/https?:\/\/|<style|style=|onclick|<script>/);
    const parts = [...page.body.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, path]) => path!);
    expect(parts).toEqual(['dashboard.css', 'dashboard.js', 'servers']);
    for (const path of parts) expect((await ask(application.url(`/${path}`))).status).toBe(200);
    expect((await ask(application.url('/'), { method: 'POST' })).status).toBe(405);
    expect((await ask(application.url('/', 'public'))).body).toBe('public');
  });

  it.each([false, undefined])('is not there with %s', async (dashboard) => {
    const application = await dashboarded(opened, make, dashboard);
    for (const path of ['/', '/dashboard.js', '/dashboard/events', ...ACTING]) {
      expect([path, (await ask(application.url(path))).status]).toEqual([path, 404]);
    }
  });

  it.each([true, {}, { actions: undefined }])('cannot act with %j', async (dashboard) => {
    const application = await dashboarded(opened, make, dashboard);
    expect((await ask(application.url('/'))).body).toContain('data-actions="false"');
    for (const path of ACTING) {
      expect((await ask(application.url(path), { method: 'POST' })).status).toBe(404);
    }
  });

  it('tells of all servers first, and then of what is new', async () => {
    const application = await dashboarded(opened, make, true);
    const page = await stream(application);
    const { event, data } = await page.until(() => true);
    expect(event).toBe('all');
    expect(data.map(({ name }: { name: string }) => name)).toEqual(['public', 'management']);
    expect(data[0]).toMatchObject({
      bind: '127.0.0.1:0',
      expose: application.pool.get('public')!.expose,
      protocol: 'http1',
      state: 'running',
      health: 'up',
      rate: 0,
    });
    await ask(application.url('/', 'public'));
    const counted = await page.until(row('public', ({ rate }) => rate > 0));
    expect(counted.data.find(({ name }: any) => name === 'public')).toMatchObject({
      p50: expect.any(Number),
      p99: expect.any(Number),
    });
    await page.until(row('public', ({ rate }) => rate === 0));
    await application.pool.get('public')!.stop();
    await page.until(row('public', ({ state }) => state === 'stopped'));
    await application.pool.storeNew({ name: 'late', listen: '[::1]:0' });
    await page.until(row('late'));
    await application.pool.delete(application.pool.get('late')!.bind);
    expect((await page.until(({ event: is }) => is === 'gone')).data).toEqual(['late']);
  });

  it('says when the first certificate ends, and whether that is soon for its server', async () => {
    const servers = ['1s', '1000d'].map((expiryWarning, at) => {
      return { name: `s${at}`, listen: LOOPBACK, tls: { ...tls, expiryWarning } };
    });
    servers.push({ name: 'plain', listen: LOOPBACK } as never);
    const application = await dashboarded(opened, make, true, { servers });
    const { data } = await (await stream(application)).until(() => true);
    const [served] = application.pool.get('s0')!.stats().certificates!;
    const days = Math.floor((Date.parse(served!.notAfter) - Date.now()) / 86_400_000);
    expect(data.slice(0, 3).map(({ certificate }: any) => certificate)).toEqual([
      { days, isDue: false },
      { days, isDue: true },
      undefined,
    ]);
  });

  it('gives a name with markup as it is', async () => {
    const name = '</script><b>"a" & data: x';
    const servers = [{ name, listen: LOOPBACK }];
    const application = await dashboarded(opened, make, true, { servers });
    const page = await stream(application);
    expect((await page.until(() => true)).data[0].name).toBe(name);
  });

  it('tells every open page the same, and watches nothing once the last is closed', async () => {
    const application = await dashboarded(opened, make, true);
    const observers = (): number =>
      (application.pool.get('public') as any).runtime.observers.observers.length;
    const before = observers();
    const [one, two] = [await stream(application), await stream(application)];
    await application.pool.get('public')!.stop();
    for (const page of [one, two]) {
      await page.until(row('public', ({ state }) => state === 'stopped'));
    }
    expect(observers()).toBe(before + 1);
    await one.close();
    await two.close();
    const { pool } = application;
    await new Promise<void>((resolve) => {
      const look = (): unknown => (observers() === before ? resolve() : setImmediate(look));
      look();
    });
    expect(pool.get('management')!.state).toBe('running');
  });

  it('ends its streams at the start of a drain, and takes none then', async () => {
    const management = { listen: LOOPBACK, dashboard: true, shutdown: { timeout: '1h' } };
    const application = await dashboarded(opened, make, true, {
      management,
    } as HttpPoolModuleOptions);
    const page = await stream(application);
    // It would wait for an hour.
    const [report] = await Promise.all([application.pool.get('management')!.stop(), page.ended]);
    expect(report).toMatchObject({ timedOut: false });
  });

  it('ends its streams when its server is restarted, and takes new ones', async () => {
    const application = await dashboarded(opened, make, true);
    const page = await stream(application);
    const restarted = application.pool.get('management')!.restart();
    await page.ended;
    await restarted;
    expect((await (await stream(application)).until(() => true)).event).toBe('all');
  });

  it('limits how many streams are open', async () => {
    const application = await dashboarded(opened, make, true);
    const pages = await Promise.all(Array.from({ length: 65 }, () => stream(application)));
    const statuses = pages.map(({ response }) => response.statusCode);
    expect(statuses.filter((status) => status === 503)).toEqual([503]);
  });
});

describe('the option dashboard', () => {
  it.each([1, 'yes', [], null, { action: () => true }, { actions: true }])(
    'refuses %j',
    async (dashboard) => {
      const management = { listen: LOOPBACK, dashboard };
      const options = { servers: [], management } as unknown as HttpPoolModuleOptions;
      const { message } = await failure(platforms[0]!.create(moduleWith(options)));
      expect(message).toContain('management.dashboard: got ');
      expect(message).toContain('give true, false or { actions: (request) => boolean }');
    },
  );
});
