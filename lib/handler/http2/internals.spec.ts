import { describe, expect, it } from '@jest/globals';
import { missingInternals } from './internals.js';

describe(`Node ${process.version}`, () => {
  it('still has what requests of HTTP/2 are given in the form of HTTP/1 by', () => {
    expect(missingInternals()).toEqual([]);
  });

  it('is told by name what it lacks', () => {
    const request = {
      _addHeaderLines: () => undefined,
      _dump: () => undefined,
      _read: () => undefined,
    };
    expect(missingInternals(request)).toEqual(['IncomingMessage._destroy']);
    expect(missingInternals(undefined, {})).toContain('ServerResponse._storeHeader');
  });
});
