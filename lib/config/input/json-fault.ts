/** Where a text stops being JSON. */
export interface JsonFault {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** What stands there, fit for a log: a mark of JSON as it is, else only its kind. */
  readonly found: string;
  /** What would be right. */
  readonly expected: string;
}

// One alternative for each character within a string (any from the space on but '"' and '\'): a
// nested repetition would be exponential.
const TOKEN =
  /[ \t\n\r]*(?:([[\]{},:])|("(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*")|(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)|$)/y;

type Expected = 'value' | 'valueOrEnd' | 'key' | 'keyOrEnd' | 'colon' | 'commaOrEnd' | 'nothing';

/**
 * Finds the first fault of a text that `JSON.parse` refuses; undefined when there is none. Node's
 * own message tells no line, often no position, and shows a piece of the text, which may hold a key.
 */
export function findJsonFault(text: string): JsonFault | undefined {
  const open: string[] = [];
  let expected: Expected = 'value';
  for (let at = 0; ; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    const isEnd =
      match !== null && match.index + match[0].length === text.length && isBlank(match[0]);
    if (isEnd && expected === 'nothing') return undefined;
    const kind = match === null || isEnd ? undefined : kindOf(match);
    const next: Expected | undefined = kind && follow(kind, expected, open);
    if (next === undefined) return describe(text, at, expected, open.at(-1));
    expected = next;
  }
}

type Kind = '[' | ']' | '{' | '}' | ',' | ':' | 'string' | 'other';

function kindOf([, mark, string]: RegExpExecArray): Kind {
  if (mark) return mark as Kind;
  return string === undefined ? 'other' : 'string';
}

/** What comes next; undefined when this does not belong here. Keeps account of what is open. */
function follow(kind: Kind, expected: Expected, open: string[]): Expected | undefined {
  const after = (): Expected => (open.length === 0 ? 'nothing' : 'commaOrEnd');
  const isValue = expected === 'value' || expected === 'valueOrEnd';
  switch (kind) {
    case '[':
    case '{':
      if (!isValue) return undefined;
      open.push(kind);
      return kind === '[' ? 'valueOrEnd' : 'keyOrEnd';
    case ']':
    case '}':
      if (open.at(-1) !== (kind === ']' ? '[' : '{') || !closes(kind, expected)) return undefined;
      open.pop();
      return after();
    case ',':
      if (expected !== 'commaOrEnd') return undefined;
      return open.at(-1) === '[' ? 'value' : 'key';
    case ':':
      return expected === 'colon' ? 'value' : undefined;
    case 'string':
      if (expected === 'key' || expected === 'keyOrEnd') return 'colon';
      return isValue ? after() : undefined;
    case 'other':
      return isValue ? after() : undefined;
  }
}

function closes(kind: ']' | '}', expected: Expected): boolean {
  return expected === 'commaOrEnd' || expected === (kind === ']' ? 'valueOrEnd' : 'keyOrEnd');
}

function describe(text: string, from: number, expected: Expected, open = ''): JsonFault {
  const at = from + (/^[ \t\n\r]*/.exec(text.slice(from))?.[0].length ?? 0);
  const before = text.slice(0, at).split('\n');
  const end = open === '[' ? "']'" : "'}'";
  const wanted: Record<Expected, string> = {
    value: 'a value',
    valueOrEnd: "a value or ']'",
    key: 'a key in double quotes',
    keyOrEnd: "a key in double quotes or '}'",
    colon: "':'",
    commaOrEnd: `',' or ${end}`,
    nothing: 'the end of the text',
  };
  return {
    line: before.length,
    column: (before.at(-1)?.length ?? 0) + 1,
    found: foundAt(text, at),
    expected: wanted[expected],
  };
}

function foundAt(text: string, at: number): string {
  const char = text[at];
  if (char === undefined) return 'the end of the text';
  if ('[]{},:'.includes(char)) return `'${char}'`;
  // A well-formed string is in the wrong place; any other has no end, or a character it may not have.
  if (char === '"') return TOKEN_STRING.test(text.slice(at)) ? 'a string' : 'a string at fault';
  if (char === "'") return 'a single quote';
  return char === '/' || char === '#' ? 'a comment' : 'something else';
}

const TOKEN_STRING = /^"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/;

function isBlank(text: string): boolean {
  return /^[ \t\n\r]*$/.test(text);
}
