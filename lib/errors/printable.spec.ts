import { describe, expect, it } from '@jest/globals';
import { describeThrown, printable, printableLines, requestLine, stackOf } from './printable.js';

describe('a text of others in a log', () => {
  it.each([
    ['a line feed', 'a\nb', 'a\\u000ab'],
    ['an escape', 'a\u001b[2Jb', 'a\\u001b[2Jb'],
    ['a control of C1', 'a\u009bb', 'a\\u009bb'],
    ['a next line', 'a\u0085b', 'a\\u0085b'],
    ['a line separator', 'a\u2028b', 'a\\u2028b'],
    ['an override of the direction', 'a\u202eb', 'a\\u202eb'],
    ['a lone surrogate', 'a\ud800b', 'a\\ud800b'],
  ])('has %s escaped', (_name, text, escaped) => {
    expect(printable(text)).toBe(escaped);
  });

  it('keeps letters of every script, and emoji', () => {
    expect(printable('Grüße, 世界 🌍')).toBe('Grüße, 世界 🌍');
  });

  it('keeps its lines where it may have several', () => {
    expect(printableLines('a\nb\u0007')).toBe('a\nb\\u0007');
  });
});

describe('what was thrown', () => {
  const throwing = {
    get message(): string {
      throw new Error('no');
    },
    get stack(): string {
      throw new Error('no');
    },
    toString(): string {
      throw new Error('no');
    },
  };

  it.each([
    ['an error', new Error('a\nb'), 'Error: a\\u000ab'],
    ['an object without a prototype', Object.create(null), 'something that cannot be shown'],
    ['an object that throws', throwing, 'something that cannot be shown'],
    ['a symbol', Symbol('s'), 'Symbol(s)'],
    ['nothing', undefined, 'undefined'],
  ])('is described, be it %s', (_name, error, text) => {
    expect(describeThrown(error)).toBe(text);
    expect(() => stackOf(error)).not.toThrow();
  });

  it('has a stack whose lines its name cannot forge', () => {
    const error = Object.assign(new Error('b'), { name: 'A\n    at forged (file:1:1)' });
    expect(stackOf(error)).not.toMatch(/^ +at forged/m);
  });

  it('has a stack whose lines its message cannot forge', () => {
    const stack = stackOf(new Error('a\n    at forged (file:1:1)')) ?? '';
    expect(stack.split('\n')[0]).toBe('Error: a\\u000a    at forged (file:1:1)');
  });

  const forged = (text: string): Error => new Error(`${text}\n[Nest] forged`);
  it.each<[string, () => unknown]>([
    [
      'of a cause that is written behind it',
      () => {
        const error = new Error('b');
        error.stack += `\nCaused by: ${forged('a').stack}`;
        return error;
      },
    ],
    [
      'that it had before it was given another one',
      () => {
        const error = forged('a');
        void error.stack;
        error.message = 'b';
        return error;
      },
    ],
    [
      'that stands in it twice',
      () => {
        const error = forged('a');
        error.stack += `\n${error.stack}`;
        return error;
      },
    ],
    ['of a stack that is all its own', () => ({ stack: forged('a').message, message: 'b' })],
  ])('has a stack that begins no line as a log does by a message %s', (_what, thrown) => {
    const lines = stackOf(thrown())?.split('\n') ?? [];
    expect(lines.filter((line) => line.includes('forged')).length).toBeGreaterThan(0);
    expect(lines.slice(1).filter((line) => !line.startsWith('    '))).toEqual([]);
  });
});

it.each<[string | undefined, string | undefined, string]>([
  ['GET', '/a?token=secret', 'GET /a'],
  ['GET', '/a?b?c', 'GET /a'],
  ['POST', '/', 'POST /'],
  ['CONNECT', 'host:443', 'CONNECT host:443'],
  [undefined, undefined, ' '],
])('a request is told without its query: %s %s', (method, url, told) => {
  expect(requestLine({ method, url })).toBe(told);
});

it.each<[string, object, string]>([
  ['a URL', { method: 'GET', url: new URL('http://a/b?token=secret') }, 'GET http://a/b'],
  ['an object without a prototype', { method: 'GET', url: Object.create(null) as unknown }, 'GET '],
  ['a number, and a symbol for a method', { method: Symbol('m'), url: 5 }, 'Symbol(m) 5'],
  [
    'a getter that throws',
    {
      get url(): string {
        throw new Error('no');
      },
    },
    'a request',
  ],
])('a request is told, though its URL is %s', (_what, request, told) => {
  expect(requestLine(request)).toContain(told);
});

it.each([
  ['http://user:secretpw@a/x?token=1', 'http://(hidden)@a/x'],
  ['HTTP://user:secretpw@a', 'HTTP://(hidden)@a'],
  ['http://secretpw@a:80/x@y', 'http://(hidden)@a:80/x@y'],
  ['http://user:a@secretpw@a/x', 'http://(hidden)@a/x'],
  ['http://user:secretpw?secretpw@a/x', 'http://(hidden)@a/x'],
  ['//user:secretpw@a/x', '//(hidden)@a/x'],
  ['user:secretpw@a:443', '(hidden)@a:443'],
  ['http://a/x@y', 'http://a/x@y'],
  ['/x@y', '/x@y'],
  ['a:443', 'a:443'],
  ['*', '*'],
])('a request for %s is told without who asks', (url, told) => {
  expect(requestLine({ method: 'GET', url })).toBe(`GET ${told}`);
});
