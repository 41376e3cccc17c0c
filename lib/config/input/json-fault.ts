/** Where a text stops being JSON. */
interface JsonFault {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** What is wrong there, without any text of the file: it may hold keys. */
  readonly message: string;
}

/** By `ParseErrorCode` of jsonc-parser 3, an enum of types alone. */
const messages: Readonly<Record<number, string>> = {
  1: 'a symbol that is none of JSON',
  2: 'a number in a form that JSON does not have',
  3: 'a key in double quotes is expected',
  4: 'a value is expected',
  5: 'a colon is expected',
  6: 'a comma is expected',
  7: "'}' is expected",
  8: "']' is expected",
  9: 'the end of the text is expected',
  10: 'a comment, which JSON does not have',
  11: 'a comment, which JSON does not have',
  12: 'a string without an end',
  13: 'a number without an end',
  14: 'a \\u escape that is not four hexadecimal digits',
  15: 'an escape that JSON does not have',
  16: 'a control character in a string',
};

/**
 * The first fault of a text that `JSON.parse` refuses. Node's own message tells no line, often no
 * position, and shows a piece of the text. Loads its parser only here: most files have no fault.
 */
export async function findJsonFault(text: string): Promise<JsonFault> {
  const { default: jsonc } = await import('jsonc-parser');
  let fault: { code: number; offset: number } | undefined;
  const onError = (code: number, offset: number): void => {
    fault ??= { code, offset };
  };
  try {
    jsonc.visit(text, { onError }, { disallowComments: true });
  } catch {
    // It calls itself for each level, and a text of brackets alone is deeper than the stack.
    return { ...placeOf(text, 0), message: 'it is nested too deep' };
  }
  const { code, offset } = fault ?? { code: 0, offset: 0 };
  const message = messages[code] ?? 'a text that is no JSON';
  // A file that is only half written, say.
  const ends = text.slice(offset).trim() === '';
  return { ...placeOf(text, offset), message: ends ? `the text ends here, ${message}` : message };
}

function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
