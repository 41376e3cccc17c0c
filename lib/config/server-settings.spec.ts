import { describe, expect, it } from '@jest/globals';
import { readServerOptions } from './input/read-server-options.js';
import type { ServerSettings } from './server-settings.js';
import { diffSettings } from './server-settings.js';

function settings(fields: object): ServerSettings {
  const result = readServerOptions({ name: 'a', listen: ':80', ...fields });
  expect(result.issues).toEqual([]);
  return result.settings as ServerSettings;
}

const tls = (fields: object): object => ({
  tls: { certs: [{ cert: '/c', key: '/k' }], ...fields },
});

describe('diffSettings', () => {
  it.each<[object, object]>([
    [{ readTimeout: '30s' }, { readTimeout: 30_000 }],
    [{ listen: ':80' }, { listen: '[0::0]:80' }],
    [{}, { disabled: false, handlerKey: 'default', restart: false, shutdown: { timeout: '5s' } }],
    [{}, { maxConnections: 0, trustedProxies: [], logFilter: [] }],
    [{ restart: {} }, { restart: { retries: 10 } }],
    [{ monitor: {} }, { monitor: { checkTimeout: 5000 } }],
    [{ monitor: { data: { x: [1] } } }, { monitor: { data: { x: [1] } } }],
    [
      tls({}),
      tls({ authClient: 'none', versionMin: 'TLSv1.2', rootCA: [], inheritDefault: false }),
    ],
    [tls({ rootCA: '/ca', cipherList: 'A:B' }), tls({ rootCA: ['/ca'], cipherList: ['A', 'B'] })],
  ])('finds no difference between %j and %j', (a, b) => {
    expect(diffSettings(settings(a), settings(b))).toEqual([]);
  });

  it.each<[object, object, string[]]>([
    [{}, { name: 'b' }, ['name']],
    [{}, { monitor: { name: 'a' } }, ['monitor']],
    [{ monitor: {} }, { monitor: { name: 'a' } }, ['monitor']],
    [{}, { listen: ':81', disabled: true }, ['bind', 'disabled']],
    [{}, { readTimeout: 1, maxHandlers: 1 }, ['timeouts', 'limits']],
    [{}, { expose: 'http://a.example' }, ['expose']],
    [{ logFilter: ['a', 'b'] }, { logFilter: ['b', 'a'] }, ['logFilter']],
    [{}, tls({}), ['tls']],
    [tls({}), tls({ certs: [{ cert: '/c', key: '/k2' }] }), ['tls']],
    [tls({}), tls({ versionMax: 'TLSv1.2' }), ['tls']],
    [{ monitor: { data: { x: 1 } } }, { monitor: { data: { x: 2 } } }, ['monitor']],
    [{}, { restart: {} }, ['supervision']],
  ])('tells %j from %j', (a, b, fields) => {
    expect(diffSettings(settings(a), settings(b))).toEqual(fields);
  });
});
