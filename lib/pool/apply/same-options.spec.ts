import { describe, expect, it } from '@jest/globals';
import { readServerOptions } from '../../config/input/read-server-options.js';
import { nameOf, sameOptions } from './same-options.js';

class Options {
  name = 'a';
}

const throwing = {
  get name(): string {
    throw new Error('no');
  },
};

const listen = ':80';
const plain = { name: 'a', listen };
const certs = [{ cert: 'c.pem', key: 'k.pem' }];
const secured = (more = {}) => ({ ...plain, tls: { certs: [{ ...certs[0], ...more }] } });
const withData = (data: unknown) => ({ ...plain, monitor: { data } });
const cut = (...keys: string[]) => {
  const left = Object.entries(certs[0]!).filter(([key]) => !keys.includes(key));
  return { ...plain, tls: { certs: [Object.fromEntries(left)] } };
};

/** The config of options, as a pool has it. */
function configOf(options: object, defaults?: object): object {
  const { settings, issues } = readServerOptions(options, { defaults });
  expect(issues).toEqual([]);
  return settings!.options;
}

describe('options that say what a config says', () => {
  it.each<[string, object, object, object?]>([
    ['value by value', secured({ names: ['x'] }), secured({ names: ['x'] })],
    ['in an object without a prototype', Object.assign(Object.create(null), plain), plain],
    ['with a key that is undefined', { ...plain, expose: undefined }, plain],
    ['with the defaults', plain, plain, { maxHandlers: 1 }],
    ['beside a default that is undefined', plain, plain, { maxHandlers: undefined }],
    ['with secrets from the defaults', plain, plain, { tls: { certs } }],
    ['with part of a group from the defaults', secured(), secured(), { tls: { watch: true } }],
    ['instead of the defaults', secured(), secured(), { tls: { certs: [], watch: true } }],
    ['with data', withData({ list: [{ x: 1 }], not: undefined }), withData({ list: [{ x: 1 }] })],
  ])('are the same %s', (_how, ...[presented, options, defaults]) => {
    expect(sameOptions(presented, configOf(options, defaults), defaults)).toBe(true);
  });

  it.each<[string, unknown, object, object?]>([
    ['another value', { ...plain, name: 'b' }, plain],
    ['a key more', { ...plain, maxHandlers: 1 }, plain],
    ['a key less', plain, { ...plain, maxHandlers: 1 }],
    ['a key that no config has', { ...plain, x: 1 }, plain],
    ['a key that every object has', { ...plain, toString: 1 }, plain],
    ['null for a key', { ...plain, expose: null }, plain],
    ['null for a default', { ...plain, maxHandlers: null }, plain, { maxHandlers: 1 }],
    ['another value deep within', secured({ cert: 'd.pem' }), secured()],
    ['another secret', secured({ key: 'd.pem' }), secured()],
    ['a secret more', secured({ passphrase: 'x' }), secured()],
    ['a secret less', secured(), secured({ passphrase: 'x' })],
    ['no secret', cut('key'), secured()],
    ['no secret, and defaults', cut('key'), secured(), { tls: { certs } }],
    ['a key more in an item of a list', secured({ names: ['x'] }), secured()],
    ['a key less in an item of a list', secured(), secured({ names: ['x'] })],
    ['an item less', withData([1]), withData([1, 2])],
    ['an item more', withData([1, 2]), withData([1])],
    ['another item, and others that are the same', withData([1, 2, 4]), withData([1, 2, 3])],
    ['a list for an object', withData([]), withData({})],
    ['an object for a list', withData({}), withData([])],
    ['an object for a value', withData({}), withData(1)],
    ['an object for what is more than its keys', withData({}), withData(new Map())],
    ['what is more than its keys', withData(new Map()), withData({})],
    ['less data than there was', withData({}), withData({ x: 1 })],
    [
      'data of which the defaults have the rest',
      withData({ a: 1 }),
      withData({ a: 1, b: 2 }),
      withData({ b: 2 }),
    ],
    ['an instance of the user’s class', new Options(), plain],
    ['what has a tag', Object.assign({ [Symbol.toStringTag]: 'Module' }, plain), plain],
    ['nothing', undefined, plain],
  ])('are others with %s', (_what, ...[presented, options, defaults]) => {
    expect(sameOptions(presented, configOf(options, defaults), defaults)).toBe(false);
  });

  it.each<[string, object, object, object]>([
    ['lacks', plain, plain, { maxHandlers: 1 }],
    ['has another value of', plain, { ...plain, maxHandlers: 1 }, { maxHandlers: 2 }],
    ['has and they lack', plain, { ...plain, maxHandlers: 1 }, {}],
  ])('are others where the config %s a default', (_what, ...[presented, options, defaults]) => {
    expect(sameOptions(presented, configOf(options), defaults)).toBe(false);
  });
});

it.each<[unknown, string | undefined]>([
  [plain, 'a'],
  [{ name: 1 }, undefined],
  [{}, undefined],
  [null, undefined],
])('the name of options is read, if they have one: case %#', (presented, name) => {
  expect(nameOf(presented)).toBe(name);
});

it('options whose getters throw say nothing', () => {
  expect(sameOptions(throwing, plain, undefined)).toBe(false);
  expect(nameOf(throwing)).toBeUndefined();
});
