import type { ParseErrorCode } from 'jsonc-parser';

/** Where a text stops being JSON. */
interface JsonFault {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** What is wrong there, without any text of the file: it may hold keys. */
  readonly message: string;
}

/** By the names that jsonc-parser gives its codes. */
const messages: Readonly<Record<string, string>> = {
  InvalidSymbol: 'a symbol that is none of JSON',
  InvalidNumberFormat: 'a number in a form that JSON does not have',
  PropertyNameExpected: 'a key in double quotes is expected',
  ValueExpected: 'a value is expected',
  ColonExpected: 'a colon is expected',
  CommaExpected: 'a comma is expected',
  CloseBraceExpected: "'}' is expected",
  CloseBracketExpected: "']' is expected",
  EndOfFileExpected: 'the end of the text is expected',
  InvalidCommentToken: 'a comment, which JSON does not have',
  UnexpectedEndOfComment: 'a comment, which JSON does not have',
  UnexpectedEndOfString: 'a string without an end',
  UnexpectedEndOfNumber: 'a number without an end',
  InvalidUnicode: 'a \\u escape that is not four hexadecimal digits',
  InvalidEscapeCharacter: 'an escape that JSON does not have',
  InvalidCharacter: 'a control character in a string',
};

const noJson = 'a text that is no JSON';

/**
 * The first fault of a text that `JSON.parse` refuses. Node's own message tells no line, often no
 * position, and shows a piece of the text. Loads its parser only here: most files have no fault.
 */
export async function findJsonFault(text: string): Promise<JsonFault> {
  const { default: jsonc } = await import('jsonc-parser');
  let fault: JsonFault | undefined;
  const onError = (
    code: ParseErrorCode,
    offset: number,
    _length: number,
    startLine: number,
    startCharacter: number,
  ): void => {
    if (fault !== undefined) return;
    const what = messages[jsonc.printParseErrorCode(code)] ?? noJson;
    // A file that is only half written, say.
    const isEnd = text.slice(offset).trim() === '';
    const message = isEnd ? `the text ends here, ${what}` : what;
    fault = { line: startLine + 1, column: startCharacter + 1, message };
  };
  try {
    jsonc.visit(text, { onError }, { disallowComments: true });
  } catch {
    // It calls itself for each level, and a text of brackets alone is deeper than the stack.
    return { line: 1, column: 1, message: 'it is nested too deep' };
  }
  return fault ?? { line: 1, column: 1, message: noJson };
}
