import fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { asksFor } from './accept.js';

describe('asksFor', () => {
  const JSON_FORM = 'application/health+json';
  const asks = (accept: string | undefined): boolean => asksFor(accept, JSON_FORM, 'text/plain');

  it.each([
    'application/health+json',
    'Application/Health+JSON',
    'application/health+json; charset=utf-8',
    'application/health+json;q=0.5',
    'application/health+json ; Q=0.001',
    'text/html, application/health+json',
    'text/plain, application/health+json',
    'text/plain;q=0.9, application/health+json',
    'application/health+json, */*;q=0.1',
    'application/health+json;q=0.5, text/*;q=0.4, */*',
    'application/health+json;q=0.5, text/plain;q=0, */*',
    'text/html;level="1,2;q=0", application/health+json',
  ])('is true of %s', (accept) => {
    expect(asks(accept)).toBe(true);
  });

  it.each([
    undefined,
    '',
    '*/*',
    'application/*',
    'application/json',
    'application/health+jsonx',
    'text/html',
    'application/health+json;q=0',
    'application/health+json;q=0.000',
    'application/health+json;q=-1',
    'application/health+json;q=2',
    'application/health+json;q=x',
    'application/health+json;q=0.5, text/plain',
    'application/health+json;q=0.5, text/*',
    'application/health+json;q=0.5, */*',
    'text/html;a=", application/health+json;b="',
    ',;,=;q=,',
  ])('is false of %s', (accept) => {
    expect(asks(accept)).toBe(false);
  });

  it('takes whatever a client sends', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (accept) => {
        expect(typeof asks(accept)).toBe('boolean');
      }),
    );
  });
});
