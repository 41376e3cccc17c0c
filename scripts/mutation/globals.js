/** What tests import from '@jest/globals', for a run of Jest's circus in a plain process. */
import { jestExpect } from '@jest/expect';
import { fn, spyOn } from 'jest-mock';

export { afterAll, afterEach, beforeAll, beforeEach, describe, it, test } from 'jest-circus';
export const expect = jestExpect;
// A test that hangs is a mutant that is found: no file may ask for a longer deadline.
export const jest = { fn, spyOn, setTimeout: () => undefined };
