import { once } from 'node:events';
import { connect } from 'node:net';
import type { RequestListener } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Opened } from '../nest/support/adapters.js';
import { gate } from '../support/events.js';
import { held, LOOPBACK } from '../support/handlers.js';
import { ask } from '../support/http-client.js';
import { Http2Client } from '../support/http2-client.js';
import { protocols } from '../support/protocols.js';
import { ACTIVE, COUNT } from './support/exposition.js';
import { measured } from './support/measured.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const statuses: RequestListener = (request, response) => {
  response.statusCode = Number(request.url?.slice(1)) || 200;
  response.end('done');
};

describe.each(protocols)(
  'the requests of a server over $name',
  ({ options, version, connect: to }) => {
    const scheme = options.tls ? 'https' : 'http';
    const labels = {
      server: 'api',
      url_scheme: scheme,
      network_protocol_version: version === '2.0' ? '2' : version,
      http_route: '',
    };

    const serve = (handler: RequestListener) =>
      measured(opened, {
        servers: [{ name: 'api', listen: LOOPBACK, ...options }],
        handlers: () => ({ default: handler }),
      });

    it('are counted one by one, with their method and status', async () => {
      const it_ = await serve(statuses);
      const client = opened.add(await to(it_.url('api')), async (one) => one.close());
      for (const path of ['/200', '/200', '/200', '/404', '/500']) await client.ask(path);
      await client.ask('/201', { method: 'POST', body: 'x' });
      await client.ask('/204', { method: 'DELETE' });
      const scraped = await it_.until((one) => one.value(COUNT) === 7);
      const count = (method: string, status: string) =>
        scraped.value(COUNT, {
          ...labels,
          http_request_method: method,
          http_response_status_code: status,
        });
      expect(count('GET', '200')).toBe(3);
      expect(count('GET', '404')).toBe(1);
      expect(count('GET', '500')).toBe(1);
      expect(count('POST', '201')).toBe(1);
      expect(count('DELETE', '204')).toBe(1);
      expect(scraped.value(ACTIVE)).toBe(0);
    });

    it('are active until their answers are over', async () => {
      const { handler, entered, release } = held('done');
      const it_ = await serve(handler);
      const client = opened.add(await to(it_.url('api')), async (one) => one.close());
      const asked = client.ask('/');
      await entered.opened;
      const during = await it_.scrape();
      expect(
        during.value(ACTIVE, { server: 'api', http_request_method: 'GET', url_scheme: scheme }),
      ).toBe(1);
      expect(during.value(COUNT)).toBeUndefined();
      release.open();
      await asked;
      const after = await it_.until((one) => one.value(COUNT) === 1);
      expect(after.value(ACTIVE)).toBe(0);
    });

    it('that were broken off have the status that was sent, or none', async () => {
      const entered = gate();
      const it_ = await serve((request, response) => {
        if (request.url === '/begun') response.writeHead(202).write('half');
        else entered.open();
      });
      const controller = new AbortController();
      if (version === '2.0') {
        const { session } = (await to(it_.url('api'))) as Http2Client;
        const begun = session.request({ ':path': '/begun' });
        await once(begun, 'data');
        session.request({ ':path': '/silent' }).on('error', () => undefined);
        await entered.opened;
        session.destroy();
      } else {
        const begun = ask(it_.url('api', '/begun'), { signal: controller.signal });
        const silent = ask(it_.url('api', '/silent'), { signal: controller.signal });
        await it_.until((one) => one.value(ACTIVE) === 2);
        await entered.opened;
        controller.abort();
        await Promise.allSettled([begun, silent]);
      }
      const scraped = await it_.until((one) => one.value(COUNT) === 2);
      expect(scraped.value(COUNT, { ...labels, http_response_status_code: '202' })).toBe(1);
      expect(scraped.value(COUNT, { ...labels, http_response_status_code: '' })).toBe(1);
      expect(scraped.value(ACTIVE)).toBe(0);
    });
  },
);

it('knows HTTP/1.0 from HTTP/1.1, and believes no other version that a client writes', async () => {
  const it_ = await measured(opened, {
    servers: [{ name: 'api', listen: LOOPBACK }],
    handlers: () => ({ default: statuses }),
  });
  for (const version of ['1.0', '0.9', '2.0']) {
    const { port } = new URL(it_.url('api'));
    const socket = connect(Number(port), '127.0.0.1');
    socket.end(`GET / HTTP/${version}\r\nHost: a\r\nConnection: close\r\n\r\n`).resume();
    await once(socket, 'close');
  }
  const scraped = await it_.until((one) => (one.value(ACTIVE) ?? 0) === 0);
  for (const version of scraped.values(COUNT, 'network_protocol_version')) {
    expect(['1.0', '1.1']).toContain(version);
  }
  expect(scraped.value(COUNT, { network_protocol_version: '1.0' })).toBeGreaterThanOrEqual(1);
});

it('has as many series whatever methods, paths and statuses of paths clients make up', async () => {
  const it_ = await measured(opened, {
    servers: [{ name: 'api', listen: LOOPBACK, protocol: 'http2' }],
    handlers: () => ({ default: (_request, response) => void response.end() }),
  });
  const client = opened.add(await Http2Client.connect(it_.url('api')), (one) => one.close());
  for (let at = 0; at < 50; at += 1) {
    await client.ask(`/${at}?x=${at}`, {
      method: `X-${at}`,
      headers: { 'x-forwarded-proto': `s${at}` },
    });
  }
  const scraped = await it_.until((one) => one.value(COUNT) === 50);
  expect(scraped.matching(COUNT)).toHaveLength(1);
  expect(scraped.values(COUNT, 'http_request_method')).toEqual(['_OTHER']);
  expect(scraped.values(ACTIVE, 'http_request_method')).toEqual(['_OTHER']);
});

it('counts in the buckets that it was given', async () => {
  const { registry, url, until } = await measured(opened, {
    servers: [{ name: 'api', listen: LOOPBACK }],
    handlers: () => ({ default: statuses }),
  });
  await ask(url('api'));
  await until((one) => one.value(COUNT) === 1);
  const { series } = await until(() => true);
  const bounds = series
    .filter(({ name }) => name === 'http_server_request_duration_seconds_bucket')
    .map(({ labels }) => labels.le);
  expect(bounds.join(' ')).toBe(
    '0.005 0.01 0.025 0.05 0.075 0.1 0.25 0.5 0.75 1 2.5 5 7.5 10 +Inf',
  );
  expect(registry.contentType).toContain('text/plain');
});
