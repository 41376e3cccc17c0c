/** Controls (C0, C1, NEL), lone surrogates, separators of lines, and what turns the order of text. */
const unprintable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/**
 * A text of others, fit for one line of a log or of a terminal: what could forge a line, or hide one,
 * is escaped.
 */
export function printable(text: string): string {
  return text.replace(unprintable, escape);
}

/** The same for a text of several lines, such as a stack. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/**
 * What was thrown, as text. It may be anything: an object without a prototype, or one whose getters
 * throw. Never throws.
 */
export function describeThrown(error: unknown): string {
  try {
    return printable(String(error));
  } catch {
    return 'something that cannot be shown';
  }
}

/**
 * Its message alone, where it has one. Never throws.
 *
 * @param describe Says what was thrown instead; must not throw
 */
export function messageOf(error: unknown, describe = describeThrown): string {
  try {
    const { message } = error as Partial<Error>;
    if (typeof message === 'string') return message;
  } catch {
    // It is described below, as far as it can be.
  }
  return describe(error);
}

/** What is shown of a request. A handler may have put anything in its place. */
interface ShownRequest {
  readonly method?: unknown;
  readonly url?: unknown;
}

/** Who asks, perhaps with a password, in a target that tells a host: of the absolute form, and of a CONNECT. */
const userInfo = /^((?:[^/@]*\/\/)?)[^/]*@/;

/** A request, as method and path: a query, and who asks, may hold what is not to be logged. Never throws. */
export function requestLine(request: ShownRequest): string {
  try {
    const { method = '', url = '' } = request;
    // Before the query is cut off: a password may have a '?' in it.
    const target = textOf(url).replace(userInfo, '$1(hidden)@');
    return `${textOf(method)} ${target.split('?', 1)[0]}`;
  } catch {
    return 'a request that cannot be shown';
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : describeThrown(value);
}

/** What begins a line as those of a stack do, and none of a log. */
const indent = '    ';

/**
 * The stack of what was thrown, with a name and a message that can't forge a line of it. It may hold those of others,
 * of its cause as many libraries write it: whatever of it begins a line is told from a line of the log.
 */
export function stackOf(error: unknown): string | undefined {
  try {
    const { stack, name, message = '' } = error as Partial<Error>;
    if (typeof stack !== 'string') return undefined;
    const head = [`${name}: ${message}`, message].find((text) => text && stack.includes(text));
    const known = head ? stack.replace(head, () => printable(head)) : stack;
    return printableLines(known).replace(/\n(?! {4})/g, `\n${indent}`);
  } catch {
    return undefined;
  }
}

function escape(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
