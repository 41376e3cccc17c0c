import type { IncomingMessage } from 'node:http';
import type { Type } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { HttpPoolModuleOptions } from '../../lib/index.js';
import { Opened, platforms } from '../nest/support/adapters.js';
import { Logs } from '../nest/support/logs.js';
import { LOOPBACK } from '../support/handlers.js';
import { ask } from '../support/http-client.js';
import { RawClient } from '../support/raw-client.js';
import { act, dashboarded, WEB } from './dashboard-support.js';
import { kinds, type Make, type Managed } from './support.js';

const STOP = { action: 'stop', server: 'public' };
const PATHS = ['/dashboard/action', '/dashboard/plan', '/dashboard/apply'];

describe.each(kinds)('the actions of the dashboard with $name', ({ make }) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const acting = (
    actions: unknown = () => true,
    more: Partial<HttpPoolModuleOptions> = {},
  ): Promise<Managed> => dashboarded(opened, make, { actions }, more);
  const state = ({ pool }: Managed): string => pool.get('public')!.state;

  it('stop, start and restart a server', async () => {
    const application = await acting();
    const stopped = await act(application, STOP);
    expect([stopped.status, state(application)]).toEqual([200, 'stopped']);
    expect(stopped.message).toMatch(
      /^Stopped in \d+ ms, 0 requests finished, 0 connections cut: public$/,
    );
    expect((await act(application, { action: 'start', server: 'public' })).status).toBe(200);
    expect(state(application)).toBe('running');
    expect((await act(application, { action: 'restart', server: 'public' })).status).toBe(200);
    expect(state(application)).toBe('running');
  });

  it('restart the server of the page, and do not stop it', async () => {
    const application = await acting();
    expect((await act(application, { action: 'stop', server: 'management' })).status).toBe(409);
    expect((await act(application, { action: 'restart', server: 'management' })).status).toBe(202);
    expect((await act(application, STOP)).status).toBe(200);
  });

  it('ask the given function for each, with its request', async () => {
    const asked: string[] = [];
    const application = await acting(({ url, headers }: IncomingMessage) => {
      asked.push(`${url} ${String(headers['x-user'])}`);
      return headers['x-user'] === 'root';
    });
    for (const path of PATHS) {
      const headers = { 'X-User': 'guest' };
      const { status, message } = await act(application, STOP, { path, headers });
      expect([status, message]).toEqual([403, 'Refused: you may not do this']);
    }
    expect(state(application)).toBe('running');
    expect((await act(application, STOP, { headers: { 'X-User': 'root' } })).status).toBe(200);
    expect(asked).toEqual([...PATHS.map((path) => `${path} guest`), `${PATHS[0]} root`]);
  });

  it.each([
    ['false', () => false],
    ['nothing', () => undefined],
    ['a text', () => 'yes'],
    ['a promise of false', async () => false],
    ['a promise of an object', async () => ({})],
    [
      'an error',
      () => {
        throw new Error('no');
      },
    ],
    ['a rejection', () => Promise.reject(new Error('no'))],
    ['a rejection without a reason', () => Promise.reject()],
  ])('are refused where the function gives %s', async (_what, actions) => {
    const application = await acting(actions);
    for (const path of PATHS) expect((await act(application, STOP, { path })).status).toBe(403);
    expect(state(application)).toBe('running');
  });

  it.each([
    [{ Origin: 'http://evil.example' }, 403],
    [{ Origin: 'null' }, 403],
    [{ Origin: '' }, 403],
    [{ Origin: 'http://127.0.0.1:1' }, 403],
    [{ Origin: 'http://127.0.0.1' }, 403],
    [{ 'Sec-Fetch-Site': 'cross-site' }, 403],
    [{ 'Sec-Fetch-Site': 'same-site' }, 403],
    [{ 'Sec-Fetch-Site': 'none' }, 403],
    [{ Origin: undefined, 'Sec-Fetch-Site': 'cross-site' }, 403],
    [{ Host: 'evil.example' }, 403],
    [{ Host: 'evil.example', Origin: 'http://evil.example' }, 403],
    [{ Host: 'localhost.evil.example', Origin: undefined }, 403],
    [{ Host: '127.0.0.1.nip.io', Origin: undefined }, 403],
    [{ Host: '2130706433', Origin: undefined }, 403],
    [{ Host: '127.0.0.1@evil.example', Origin: undefined }, 403],
    [{ 'Content-Type': 'text/plain' }, 415],
    [{ 'Content-Type': 'application/x-www-form-urlencoded' }, 415],
    [{ 'Content-Type': 'multipart/form-data; boundary=application/json' }, 415],
    [{ 'Content-Type': 'text/plain; application/json' }, 415],
    [{ 'Content-Type': 'application/jsonx' }, 415],
    [{ 'Content-Type': undefined }, 415],
  ] as [Record<string, string | undefined>, number][])('refuse %j', async (headers, wanted) => {
    let asked = 0;
    const application = await acting(() => {
      asked += 1;
      return true;
    });
    for (const path of PATHS) {
      const { status, message } = await act(application, STOP, { path, headers });
      expect([status, message]).toEqual([wanted, expect.stringMatching(/^Refused: /)]);
    }
    expect([asked, state(application)]).toEqual([0, 'running']);
  });

  it.each([
    [{}],
    [{ Origin: undefined, 'Sec-Fetch-Site': undefined }],
    [{ 'Content-Type': 'Application/JSON ; charset=utf-8' }],
    [{ Host: 'localhost:9', Origin: 'http://localhost:9' }],
    [{ Host: '[::1]', Origin: 'http://[::1]' }],
    [{ Host: 'ops.example', Origin: 'https://ops.example' }],
    [{ Host: '127.0.0.1:9', Origin: 'https://ops.example' }],
  ] as [Record<string, string | undefined>][])('take %j', async (headers) => {
    const dashboard = { actions: () => true };
    const management = { listen: LOOPBACK, expose: 'https://ops.example', dashboard };
    const application = await acting(undefined, { management });
    expect((await act(application, STOP, { headers })).status).toBe(200);
    expect(state(application)).toBe('stopped');
  });

  it.each([
    'Host: \r\nX-Other: 1',
    'Host: 127.0.0.1\r\nHost: evil.example',
    'Host: 127.0.0.1\r\nOrigin: http://127.0.0.1\r\nOrigin: null',
  ])('refuse a header that comes twice, or empty: %j', async (headers) => {
    const application = await acting();
    const client = await RawClient.connect(application.pool.get('management')!.url!);
    opened.add(client, (one) => one.close());
    const body = JSON.stringify(STOP);
    client.send(
      `POST /dashboard/action HTTP/1.1\r\n${headers}\r\nContent-Type: application/json\r\n` +
        `Content-Length: ${body.length}\r\n\r\n${body}`,
    );
    expect(await client.until('\r\n\r\n')).toMatch(/^HTTP\/1\.1 40[03] /);
    expect(state(application)).toBe('running');
  });

  it.each(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])('are no %s', async (method) => {
    const application = await acting();
    for (const path of PATHS) {
      const { status, headers } = await act(application, STOP, { path, method });
      expect([status, headers.allow]).toEqual([405, 'POST']);
      const query = '?action=stop&server=public';
      expect((await ask(application.url(path + query), { method })).status).toBe(405);
    }
    expect(state(application)).toBe('running');
  });

  it.each([
    ['no JSON', '{', 400],
    ['a list', [STOP], 400],
    ['null', null, 400],
    ['no action', { server: 'public' }, 400],
    ['another action', { action: 'constructor', server: 'public' }, 400],
    ['a name that is none', { action: 'stop', server: ['public'] }, 400],
    ['a server that is not there', { action: 'stop', server: '__proto__' }, 404],
    ['a body that is too large', { ...STOP, more: 'x'.repeat(2 ** 20) }, 413],
  ])('refuse %s', async (_what, asked, wanted) => {
    const application = await acting();
    expect((await act(application, asked)).status).toBe(wanted);
    expect(state(application)).toBe('running');
  });

  it('show the plan of a config, and apply it when it was seen', async () => {
    const application = await acting();
    const config = JSON.stringify([WEB, { name: 'late', listen: LOOPBACK }]);
    const planned = await act(application, { config }, { path: '/dashboard/plan' });
    const { steps, seen } = JSON.parse(planned.body);
    expect(steps).toEqual([
      { server: 'public', bind: '127.0.0.1:0', action: 'keep' },
      { server: 'late', bind: '127.0.0.1:0', action: 'add' },
    ]);
    expect(application.pool.get('late')).toBeUndefined();
    const path = '/dashboard/apply';
    for (const wrong of [undefined, '', 'x']) {
      expect((await act(application, { config, seen: wrong }, { path })).status).toBe(409);
    }
    expect((await act(application, { config: '[]', seen }, { path })).status).toBe(409);
    expect(application.pool.get('late')).toBeUndefined();
    expect((await act(application, { config, seen }, { path })).status).toBe(200);
    expect(application.pool.get('late')!.state).toBe('running');
    // The pool is another one now, and so is the plan.
    expect((await act(application, { config, seen }, { path })).status).toBe(409);
  });

  it.each([
    [undefined, 400, 'give the text'],
    ['[{]', 422, 'line 1, column 3 is no valid JSON'],
    ['{}', 422, 'give a list'],
    ['[{ "name": "x", "listen": "nowhere" }, 3]', 422, 'servers[0].listen'],
  ])('refuse to plan %j', async (config, status, message) => {
    const application = await acting();
    const answer = await act(application, { config }, { path: '/dashboard/plan' });
    expect([answer.status, answer.message]).toEqual([status, expect.stringContaining(message)]);
  });
});

describe('the log of the dashboard', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  it('tells who did what, and once that the given function fails', async () => {
    const logger = new Logs();
    const make = (module: Type) => platforms[0]!.create(module, { logger });
    let fails = true;
    const actions = (): boolean => {
      if (fails) throw new Error('the session store is gone');
      return true;
    };
    const application = await dashboarded(opened, make as Make, { actions });
    for (let times = 0; times < 3; times += 1) await act(application, STOP);
    fails = false;
    await act(application, STOP);
    const lines = logger.lines('HttpPool').filter((line) => line.includes('dashboard'));
    expect(lines).toEqual([
      'management: dashboard.actions failed, so the action was refused: the session store is gone',
      'public: stop was asked for on the dashboard by 127.0.0.1',
    ]);
  });
});
