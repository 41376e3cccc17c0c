import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { findJsonFault } from './json-fault.js';

describe('findJsonFault', () => {
  it.each([
    ['[1, 2,]', 1, 7, 'a value is expected'],
    ['[\n  {},\n  }\n]', 3, 3, 'a value is expected'],
    ['[{ "a": 1 "b": 2 }]', 1, 11, 'a comma is expected'],
    ['[{ a: 1 }]', 1, 4, 'a symbol that is none of JSON'],
    ['[{ "a", 1 }]', 1, 7, 'a colon is expected'],
    ['[\r\n1,\r\n// two\r\n2]', 3, 1, 'a comment, which JSON does not have'],
    ['["open]', 1, 2, 'a string without an end'],
    ['[1', 1, 3, "the text ends here, ']' is expected"],
    ['', 1, 1, 'the text ends here, a value is expected'],
    ['[]\n]', 2, 1, 'the end of the text is expected'],
    ['["\\x"]', 1, 2, 'an escape that JSON does not have'],
    ['["a\tb"]', 1, 2, 'a control character in a string'],
  ])('finds the first fault of %j', async (text, line, column, message) => {
    expect(await findJsonFault(text)).toEqual({ line, column, message });
  });

  it('tells a place within the text, and none of the text, whatever it is given', async () => {
    const piece = fc.constantFrom(...'[]{},:" \n\\SECRET-.0129\t/\u0001é'.split(''));
    const broken = fc.array(piece, { maxLength: 24 }).map((pieces) => pieces.join(''));
    await fc.assert(
      fc.asyncProperty(broken, async (text) => {
        const { line, column, message } = await findJsonFault(text);
        const lines = text.split('\n');
        expect(line).toBeLessThanOrEqual(lines.length);
        expect(column).toBeLessThanOrEqual(lines[line - 1]!.length + 1);
        expect(message).not.toMatch(/SEC|CRE|RET/);
      }),
    );
  });

  it('reads a megabyte, of one string without an end or of brackets alone', async () => {
    const long = 'x'.repeat(1_000_000);
    expect(await findJsonFault(`["${long}`)).toMatchObject({ line: 1, column: 2 });
    expect(await findJsonFault('['.repeat(1_000_000))).toMatchObject({ line: 1 });
  });
});
