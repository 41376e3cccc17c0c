import { describe, expect, it } from '@jest/globals';
import { allAtOnce } from '../steps.js';
import { readServerList as stepsOf, type ReadServerListResult } from './read-server-list.js';

const readServerList = (...given: Parameters<typeof stepsOf>): ReadServerListResult =>
  allAtOnce(stepsOf(...given));

describe('readServerList', () => {
  it('reads each config, with the defaults', () => {
    const list = [
      { name: 'a', listen: ':80' },
      { name: 'b', listen: ':81' },
    ];
    const { entries, errors } = readServerList(list, { defaults: { disabled: true } });
    expect(errors).toEqual([]);
    expect(entries).toMatchObject([
      { index: 0, path: 'servers[0]', settings: { name: 'a', disabled: true } },
      { index: 1, path: 'servers[1]', settings: { name: 'b', disabled: true } },
    ]);
  });

  it.each<[unknown, string]>([
    [undefined, 'servers: got nothing, give a list of server options'],
    [null, 'servers: got null, give a list of server options'],
    [{}, 'servers: got an object, give a list of server options'],
    [Object.assign([], { length: 20_000 }), 'servers: has 20000 entries, give at most 10000'],
  ])('refuses %p in one error', (input, line) => {
    const { entries, errors } = readServerList(input);
    expect(entries).toEqual([]);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ code: 'ERR_SERVER_VALIDATE' });
    expect(errors[0]?.message).toContain(line);
  });

  it('keeps the first of two that conflict and names both', () => {
    const { entries, errors } = readServerList(
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
    expect(entries.map(({ error }) => error !== undefined)).toEqual([
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
    expect(errors.flatMap(({ issues }) => issues)).toEqual([
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
    expect(errors[0]).toMatchObject({ server: 'b', bind: '127.0.0.1:80' });
  });

  it('tells the conflicts of a config together with its other faults', () => {
    const { errors } = readServerList([
      { name: 'a', listen: ':80', x: 1 },
      { name: 'a', listen: ':80', x: 1 },
      null,
    ]);
    expect(errors.map(({ issues }) => issues.map(({ path }) => path))).toEqual([
      ['servers[0].x'],
      ['servers[1].x', 'servers[1].name', 'servers[1].listen'],
      ['servers[2]'],
    ]);
    expect(errors[1]?.message).toMatch(/^Server 'a' \(servers\[1\]\) has a config/);
  });
});
