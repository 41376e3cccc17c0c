import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { findJsonFault } from './json-fault.js';

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('findJsonFault', () => {
  it.each([
    ['[1, 2,]', 1, 7, "']'", 'a value'],
    ['[\n  {},\n  }\n]', 3, 3, "'}'", 'a value'],
    ['[{ "a": 1 "b": 2 }]', 1, 11, 'a string', "',' or '}'"],
    ['[{ a: 1 }]', 1, 4, 'something else', "a key in double quotes or '}'"],
    ["['x']", 1, 2, 'a single quote', "a value or ']'"],
    ['[{ "a", 1 }]', 1, 7, "','", "':'"],
    ['[\r\n1,\r\n// two\r\n2]', 3, 1, 'a comment', 'a value'],
    ['["open]', 1, 2, 'a string at fault', "a value or ']'"],
    ['[1', 1, 3, 'the end of the text', "',' or ']'"],
    ['', 1, 1, 'the end of the text', 'a value'],
    ['[]\n]', 2, 1, "']'", 'the end of the text'],
    ['[01]', 1, 3, 'something else', "',' or ']'"],
    ['[1]}', 1, 4, "'}'", 'the end of the text'],
    ['[{]', 1, 3, "']'", "a key in double quotes or '}'"],
  ])('finds the first fault of %j', (text, line, column, found, expected) => {
    expect(findJsonFault(text)).toEqual({ line, column, found, expected });
  });

  it('finds none in JSON of any form', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(0, 2, '\t'), (text, indent) => {
        expect(findJsonFault(JSON.stringify(JSON.parse(text), undefined, indent))).toBeUndefined();
      }),
    );
  });

  it('says of any text what JSON.parse says', () => {
    const piece = fc.constantFrom(...'[]{},:" \n\\u00e9truefalsn-.0129Ee+\t/\u0001é'.split(''));
    const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
    const broken = fc.tuple(fc.json(), fc.nat(), piece).map(([json, at, char]) => {
      const index = at % (json.length + 1);
      return json.slice(0, index) + char + json.slice(index + 1);
    });
    fc.assert(
      fc.property(fc.oneof(text, broken), (each) => {
        expect(findJsonFault(each) === undefined).toBe(isJson(each));
      }),
      { numRuns: 5000 },
    );
  });

  it('reads a megabyte, also of one string without an end', () => {
    const long = 'x'.repeat(1_000_000);
    expect(findJsonFault(JSON.stringify([long]))).toBeUndefined();
    expect(findJsonFault(`["${long}`)).toMatchObject({ line: 1, column: 2 });
    expect(findJsonFault('['.repeat(100_000))).toMatchObject({ column: 100_001 });
  });
});
