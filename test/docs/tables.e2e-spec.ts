import { PooledServer, PoolErrorCode, ServerConfig, ServerErrorCode } from 'nestjs-http-pool';
import { describe, expect, it } from '@jest/globals';
import { HTTP2_DEFAULTS } from '../../lib/config/options/http2.js';
import { MONITOR_DEFAULTS } from '../../lib/config/options/monitor.js';
import { RESTART_DEFAULTS } from '../../lib/config/options/restart.js';
import { SHUTDOWN_DEFAULTS } from '../../lib/config/options/shutdown.js';
import { TIMEOUT_DEFAULTS } from '../../lib/config/options/timeouts.js';
import { TLS_DEFAULTS } from '../../lib/config/options/tls.js';
import { fieldsOf } from '../../lib/config/rules/nested.rules.js';
import { pages, tableRows } from './support/code-blocks.js';

const readme = pages().get('README.md')!;
const [, fields = ''] = readme.split(/^## Config fields$/m);
const rows = tableRows(fields.split(/^## /m)[0]!);

/** Objects that are fields of a server, whose own fields the table lists as `tls.certs`. */
const NESTED = ['tls', 'shutdown', 'restart', 'monitor'];

function duration(ms: number): string {
  if (ms === 0) return '0';
  return ms % 1000 === 0 ? `${ms / 1000} s` : `${ms} ms`;
}

/** As a table of the README shows a default; names end in Ms in the code and not in the config. */
function shown(prefix: string, defaults: object): [string, string][] {
  return Object.entries(defaults).map(([key, value]) => {
    if (key.endsWith('Ms')) return [prefix + key.slice(0, -2), duration(value as number)];
    return [prefix + key, typeof value === 'string' ? `\`'${value}'\`` : String(value)];
  });
}

const defaults: [string, string][] = [
  ...shown('', TIMEOUT_DEFAULTS).map(([key, value]): [string, string] => [`${key}Timeout`, value]),
  ...shown('', HTTP2_DEFAULTS),
  ...shown('shutdown.', SHUTDOWN_DEFAULTS),
  ...shown('restart.', RESTART_DEFAULTS),
  ...shown('monitor.', MONITOR_DEFAULTS),
  ...shown('tls.', TLS_DEFAULTS),
];

describe('the tables of the README', () => {
  it('name every field of a config, and no other', () => {
    const known: string[] = [];
    for (const [key, shape] of fieldsOf(ServerConfig)) {
      if (!NESTED.includes(key) || key === 'restart') known.push(key);
      if (!NESTED.includes(key)) continue;
      const type = (shape as { type?: () => new () => object }).type?.();
      for (const [field] of fieldsOf(type!)) known.push(`${key}.${field}`);
    }
    expect([...rows.keys()].sort()).toEqual(known.sort());
  });

  it.each(defaults)('give the default of %s as %s', (field, value) => {
    expect(rows.get(field)?.[2]).toBe(value);
  });

  it('name every error code', () => {
    const codes = [...Object.keys(PoolErrorCode), ...Object.keys(ServerErrorCode)];
    const listed = [...tableRows(readme).keys()].filter((key) => key.startsWith('ERR_'));
    expect(listed.sort()).toEqual(codes.sort());
  });
});

describe('0 in a config', () => {
  const read = (options: object) => PooledServer.create({ name: 'a', listen: ':1', ...options });

  it.each([
    'readTimeout',
    'readHeaderTimeout',
    'writeTimeout',
    'idleTimeout',
    'handshakeTimeout',
    'maxConnections',
    'maxHandlers',
    'maxHeaderBytes',
  ])('is taken for %s, which the README names', (field) => {
    expect(fields).toContain(`\`${field}\``);
    expect(() => read({ [field]: 0 })).not.toThrow();
  });

  it.each([
    ...Object.keys(HTTP2_DEFAULTS)
      .filter((key) => key.startsWith('max'))
      .map((key) => ({ [key]: 0 })),
    ...Object.keys(MONITOR_DEFAULTS).map((key) => ({ monitor: { [key.replace(/Ms$/, '')]: 0 } })),
    { restart: { delay: 0 } },
    { restart: { maxDelay: 0 } },
  ])('is refused for %j', (options) => {
    expect(() => read(options)).toThrow('the number 0');
  });
});
