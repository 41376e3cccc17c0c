import { describe, expect, it } from '@jest/globals';
import { allAtOnce } from '../steps.js';
import type { ServerSettings } from '../server-settings.js';
import { readServerOptions } from './read-server-options.js';
import { readServerList as stepsOf, type ReadServerListResult } from './read-server-list.js';

const readServerList = (...args: Parameters<typeof stepsOf>): ReadServerListResult =>
  allAtOnce(stepsOf(...args));

describe('readServerList', () => {
  it('reads each config, with the defaults', () => {
    const list = [
      { name: 'a', listen: ':80' },
      { name: 'b', listen: ':81' },
    ];
    const { settings, read, errors } = readServerList(list, { defaults: { disabled: true } });
    expect(errors.size).toBe(0);
    expect(read).toEqual([0, 1]);
    expect(settings).toMatchObject([
      { name: 'a', disabled: true },
      { name: 'b', disabled: true },
    ]);
  });

  it.each<[unknown, string]>([
    [undefined, 'servers: got nothing, give a list of server options'],
    [null, 'servers: got null, give a list of server options'],
    [{}, 'servers: got an object, give a list of server options'],
    [Object.assign([], { length: 20_000 }), 'servers: has 20000 entries, give at most 10000'],
  ])('refuses %p in one error', (input, line) => {
    const { settings, errors, listError } = readServerList(input);
    expect(settings).toEqual([]);
    expect(errors.size).toBe(0);
    expect(listError).toMatchObject({ code: 'ERR_SERVER_VALIDATE' });
    expect(listError?.message).toContain(line);
  });

  it('keeps the first of two that conflict and names both', () => {
    const { settings, errors } = readServerList(
      [
        { name: 'a', listen: '0.0.0.0:80' },
        { name: 'b', listen: '127.0.0.1:80' },
        { name: 'a', listen: ':81' },
        { name: 'c', listen: ':81' },
        { name: 'd', listen: '*:81' },
        { name: 'e', listen: ':0' },
        { name: 'f', listen: ':0' },
        { name: 'g', listen: 'unix:/a.sock' },
        { name: 'h', listen: 'unix:/b/../a.sock' },
      ],
      { path: 'pool' },
    );
    expect(settings.map((each) => each === undefined)).toEqual([
      false,
      true,
      true,
      true,
      true,
      false,
      false,
      false,
      true,
    ]);
    expect([...errors.values()].flatMap(({ issues }) => issues)).toEqual([
      {
        path: 'pool[1].listen',
        message: "127.0.0.1:80 overlaps 0.0.0.0:80, the bind address of server 'a' (pool[0])",
      },
      { path: 'pool[2].name', message: "'a' is already the name of another server (pool[0])" },
      {
        path: 'pool[3].listen',
        message: "[::]:81 is already the bind address of server 'a' (pool[2])",
      },
      {
        path: 'pool[4].listen',
        message: "[::]:81 is already the bind address of server 'a' (pool[2])",
      },
      {
        path: 'pool[8].listen',
        message: "unix:/a.sock is already the bind address of server 'g' (pool[7])",
      },
    ]);
    expect(errors.get(1)).toMatchObject({ server: 'b', bind: '127.0.0.1:80' });
  });

  it('tells the conflicts of a config together with its other faults', () => {
    const { errors } = readServerList([
      { name: 'a', listen: ':80', x: 1 },
      { name: 'a', listen: ':80', x: 1 },
      null,
    ]);
    expect([...errors.values()].map(({ issues }) => issues.map(({ path }) => path))).toEqual([
      ['servers[0].x'],
      ['servers[1].x', 'servers[1].name', 'servers[1].listen'],
      ['servers[2]'],
    ]);
    expect(errors.get(1)?.message).toMatch(/^Server 'a' \(servers\[1\]\) has a config/);
  });

  describe('of a list that is known in part', () => {
    const options = (name: string, listen: string): object => ({ name, listen });
    const settingsOf = (item: unknown): ServerSettings =>
      readServerOptions(item).settings as ServerSettings;
    const [a, b] = [options('a', ':80'), options('b', ':81')];
    const inPool = new Map([a, b].map((item) => [item as unknown, settingsOf(item)]));
    const known = (item: unknown): ServerSettings | undefined => inPool.get(item);

    it('takes what is known as it is, and tells what is not', () => {
      const { settings, read } = readServerList([a, options('c', ':82'), b], { known });
      expect(read).toEqual([1]);
      expect(settings[0]).toBe(inPool.get(a));
      expect(settings[2]).toBe(inPool.get(b));
    });

    it.each<[string, unknown[], string[]]>([
      ['twice', [a, b, a], ['servers[2].name', 'servers[2].listen']],
      ['behind another one on its address', [options('c', ':81'), b], ['servers[1].listen']],
      ['before another one of its name', [a, options('a', ':82')], ['servers[1].name']],
    ])('finds what is known %s', (_where, list, paths) => {
      const { errors } = readServerList(list, { known, areApart: () => false });
      const issues = [...errors.values()].flatMap((error) => error.issues);
      expect(issues.map(({ path }) => path)).toEqual(paths);
    });

    it('does not look at them beside each other where they are known to be apart', () => {
      const seen: unknown[] = [];
      const areApart = (settings: readonly ServerSettings[]): boolean => seen.push(settings) > 0;
      const { settings } = readServerList([a, b], { known, areApart });
      expect(seen).toEqual([settings]);
      const faulty = readServerList([a, b, null], { known, areApart });
      expect([...faulty.errors.keys()]).toEqual([2]);
      expect(seen).toHaveLength(1);
    });
  });
});
