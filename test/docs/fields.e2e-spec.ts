/** docs/configuration.md against the code: a field without a row fails here, and so does a wrong default. */
import { createServer, maxHeaderSize } from 'node:http';
import { getDefaultSettings } from 'node:http2';
import { DEFAULT_MIN_VERSION } from 'node:tls';
import { Pool, type ServerOptions } from 'nestjs-http-pool';
import { describe, expect, it } from '@jest/globals';
import { pages } from './support/code-blocks.js';
import { another, changeBy, literal } from './support/config-fields.js';
import { Declared } from './support/declared.js';
import { rowsOf } from './support/markdown.js';

const page = pages().get('docs/configuration.md')!;
const fields = rowsOf(page, 'field').map(({ names: [name = ''], cells }) => ({
  name,
  shown: cells[2]!,
  value: literal(cells[2]!),
}));
const withValue = fields.filter(({ value }) => value !== undefined);

describe('the fields of a config', () => {
  it('have a row each, and nothing else has', () => {
    const all = new Declared().fields('ServerConfig');
    expect(fields.map(({ name }) => name).sort()).toEqual(all.sort());
  });

  it.each(withValue)('are $shown when left out: $name', async ({ name, value }) => {
    expect(await changeBy(name, value)).toBe('keep');
  });

  it.each(withValue)('are not another value when left out: $name', async ({ name, value }) => {
    const change = await changeBy(name, another(value!)).catch(() => 'refused');
    expect(change).not.toBe('keep');
  });

  it('say in words where a default is no value', () => {
    const words = fields.filter(({ value }) => value === undefined);
    for (const { shown } of words) expect(shown).toMatch(/^(required|none|Node's|from |`tls\.)/);
    const { shown } = fields.find(({ name }) => name === 'maxHeaderBytes')!;
    expect(shown).toContain(String(maxHeaderSize));
  });
});

describe('the table of docs/defaults.md', () => {
  const rows = rowsOf(pages().get('docs/defaults.md')!, 'what').map(
    ({ names: [name = ''], cells }) => ({ name, here: cells[2]!, node: cells[3]! }),
  );

  it.each(rows)('has the default of $name that the config has', ({ name, here }) => {
    expect(here).toBe(fields.find((field) => field.name === name)!.shown);
  });

  it('has what this Node has', () => {
    const { headersTimeout, requestTimeout, keepAliveTimeout } = createServer();
    const { initialWindowSize, maxConcurrentStreams, maxFrameSize } = getDefaultSettings();
    const expected = {
      readHeaderTimeout: `${headersTimeout / 1000} s`,
      readTimeout: `${requestTimeout / 1000} s`,
      idleTimeout: `${keepAliveTimeout / 1000} s`,
      maxHeaderBytes: `${maxHeaderSize}`,
      maxConcurrentStreams: `${maxConcurrentStreams}`,
      maxReadFrameSize: `${maxFrameSize}`,
      maxUploadBufferPerStream: `${initialWindowSize}`,
      'tls.versionMin': `\`'${DEFAULT_MIN_VERSION}'\``,
    };
    const shown = Object.fromEntries(rows.map(({ name, node }) => [name, node]));
    expect(shown).toMatchObject(expected);
  });
});

describe('the config that the page shows', () => {
  it('is valid', async () => {
    const [, json = ''] = page.match(/```json\n([^]*?)```/)!;
    const { tls, ...options } = JSON.parse(json) as ServerOptions;
    // Its files are not here.
    expect(tls).toEqual({ certs: [{ cert: 'certs/site.crt', key: 'certs/site.key' }] });
    await new Pool({ handlers: () => ({ default: () => undefined }) }).storeNew(options);
  });
});

describe('0 in a config', () => {
  const [, section = ''] = page.match(/## What 0 means\n([^]*?)\n## /)!;
  const [taken = '', refused = ''] = section.split(/^- Refused/m);
  const named = [...taken.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);

  it.each(named)('is taken for %s, which the page names', async (name) => {
    expect(await changeBy(name, 0)).toMatch(/^(keep|live|swap)$/);
  });

  const ofRefusedKinds = withValue.filter(
    ({ name, value }) =>
      typeof value !== 'boolean' &&
      /^(monitor\.|restart\.(delay|maxDelay)|max(Concurrent|Read|Upload))/.test(name),
  );

  it.each(ofRefusedKinds)('is refused for $name, whose kind the page names', async ({ name }) => {
    expect(refused).toMatch(/HTTP\/2.*`restart`.*`monitor`/);
    await expect(changeBy(name, 0)).rejects.toThrow('the number 0');
  });
});
