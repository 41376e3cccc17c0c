import { describe, expect, it } from '@jest/globals';
import { nameOf, sameOptions } from './same-options.js';

class Options {
  name = 'a';
}

const throwing = {
  get name(): string {
    throw new Error('no');
  },
};

const plain = { name: 'a' };

const nested = (cert: string, more = {}) => ({ name: 'a', tls: { certs: [{ cert, ...more }] } });

describe('options that say what a config says', () => {
  it.each<[string, unknown, unknown, unknown?]>([
    ['value by value', { name: 'a', tls: { certs: [{ cert: 'c' }] } }, nested('c')],
    ['in an object without a prototype', Object.assign(Object.create(null), { name: 'a' }), plain],
    ['to an instance of a class of configs', { name: 'a' }, new Options()],
    ['with a key that is undefined', { name: 'a', expose: undefined }, plain],
    ['with the defaults', { name: 'a' }, { name: 'a', maxHandlers: 1 }, { maxHandlers: 1 }],
    ['beside a default that is undefined', plain, plain, { maxHandlers: undefined }],
    ['with part of a group from the defaults', nested('c'), nested('c'), { tls: nested('c').tls }],
  ])('are the same %s', (_how, ...[given, config, defaults]) => {
    expect(sameOptions(given, config, defaults)).toBe(true);
  });

  it.each<[string, unknown, unknown, unknown?]>([
    ['another value', { name: 'b' }, plain],
    ['a key more', { name: 'a', maxHandlers: 1 }, plain],
    ['a key less', plain, { name: 'a', maxHandlers: 1 }],
    ['another value deep within', nested('d'), nested('c')],
    ['a key more in an item of a list', nested('c', { names: ['x'] }), nested('c')],
    ['a key less in an item of a list', nested('c'), nested('c', { names: ['x'] })],
    ['an item less', { list: [1] }, { list: [1, 2] }],
    ['an item more', { list: [1, 2] }, { list: [1] }],
    ['another item, and others that are the same', { list: [1, 2, 4] }, { list: [1, 2, 3] }],
    ['a list for an object', { list: [] }, { list: {} }],
    ['an object for a value', { list: {} }, { list: 1 }],
    ['a default that the config lacks', plain, plain, { maxHandlers: 1 }],
    ['another default', plain, { name: 'a', maxHandlers: 1 }, { maxHandlers: 2 }],
    ['what is more than its keys', { data: new Map() }, { data: {} }],
    ['an instance of the user’s class', new Options(), plain],
    ['nothing', undefined, plain],
  ])('are others with %s', (_what, ...[given, config, defaults]) => {
    expect(sameOptions(given, config, defaults)).toBe(false);
  });
});

it.each<[unknown, string | undefined]>([
  [plain, 'a'],
  [{ name: 1 }, undefined],
  [{}, undefined],
  [null, undefined],
])('the name of options is read, if they have one: case %#', (given, name) => {
  expect(nameOf(given)).toBe(name);
});

it('options whose getters throw say nothing', () => {
  expect(sameOptions(throwing, plain, undefined)).toBe(false);
  expect(nameOf(throwing)).toBeUndefined();
});
