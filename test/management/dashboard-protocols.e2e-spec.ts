import { afterEach, describe, expect, it } from '@jest/globals';
import type { HttpPoolModuleOptions } from '../../lib/index.js';
import { Opened, platforms } from '../nest/support/adapters.js';
import { tls } from '../support/certificates.js';
import { LOOPBACK } from '../support/handlers.js';
import { Http2Client } from '../support/http2-client.js';
import { act, dashboarded } from './dashboard-support.js';
import type { Make, Managed } from './support.js';

const STOP = { action: 'stop', server: 'public' };

describe.each([
  ['https', 'http1', true],
  ['h2', 'http2', true],
  ['h2c', 'http2', false],
] as const)('the dashboard over %s', (name, protocol, secure) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const started = (): Promise<Managed> => {
    const dashboard = { actions: () => true };
    const management = { listen: LOOPBACK, protocol, dashboard, ...(secure && { tls }) };
    const options = { management } as unknown as Partial<HttpPoolModuleOptions>;
    return dashboarded(opened, platforms[0]!.create as Make, dashboard, options);
  };

  /** Tries an action with headers of its own, over the protocol. */
  const tried = async (application: Managed, headers: Record<string, string>): Promise<number> => {
    if (protocol === 'http1') return (await act(application, STOP, { headers })).status;
    const client = await Http2Client.connect(application.url(''), { servername: 'localhost' });
    opened.add(client, (one) => one.close());
    const all = { 'content-type': 'application/json', ...headers };
    const body = JSON.stringify(STOP);
    return (await client.ask('/dashboard/action', { method: 'POST', headers: all, body })).status;
  };

  it('takes an action of its own origin, and of no other', async () => {
    const application = await started();
    const { host, origin } = new URL(application.url('/'));
    const other = `${secure ? 'http' : 'https'}://${host}`;
    for (const foreign of [other, 'null', `${origin}1`, 'https://evil.example']) {
      expect([foreign, await tried(application, { origin: foreign, Origin: foreign })]).toEqual([
        foreign,
        403,
      ]);
    }
    expect(await tried(application, { 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(application.pool.get('public')!.state).toBe('running');
    expect(await tried(application, { origin })).toBe(200);
    expect(application.pool.get('public')!.state).toBe('stopped');
  });

  if (name !== 'https') {
    it('takes no authority that anybody can give this machine', async () => {
      const application = await started();
      for (const host of ['evil.example', '127.0.0.1.nip.io']) {
        expect(await tried(application, { ':authority': host })).toBe(403);
        expect(await tried(application, { host })).toBe(403);
      }
      expect(application.pool.get('public')!.state).toBe('running');
    });

    it('streams, and ends its streams at the start of a drain', async () => {
      const application = await started();
      const client = await Http2Client.connect(application.url(''), { servername: 'localhost' });
      opened.add(client, (one) => one.close());
      const stream = client.session.request({ ':path': '/dashboard/events' });
      const read = new Promise<string>((resolve) => {
        let text = '';
        stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        stream.once('end', () => resolve(text));
      });
      await new Promise((resolve) => stream.once('response', resolve));
      const report = await application.pool.get('management')!.stop();
      expect(await read).toContain('event: all\ndata: [{"name":"public"');
      expect(report).toMatchObject({ timedOut: false });
    });
  }
});
