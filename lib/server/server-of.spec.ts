import { describe, expect, it } from '@jest/globals';
import { serverOf } from './server-of.js';

describe('serverOf', () => {
  it.each([[undefined], [null], [{}], [{ socket: undefined }], [{ socket: null }], ['a payload']])(
    'knows no server of %j, which is no request',
    (request) => {
      expect(serverOf(request as never)).toBeUndefined();
    },
  );
});
