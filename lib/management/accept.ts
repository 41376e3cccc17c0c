interface MediaRange {
  readonly type: string;
  readonly quality: number;
}

/**
 * Whether a client asks for a type by its name, and would not rather have the other one. A wildcard
 * names nothing: `curl` and every browser send one.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-accept
 */
export function asksFor(accept: string | undefined, type: string, otherwise: string): boolean {
  if (accept === undefined) return false;
  const ranges = split(accept, ',').map(toRange);
  const named = ranges.filter((range) => range.type === type);
  const wanted = Math.max(0, ...named.map(({ quality }) => quality));
  return wanted > 0 && wanted >= qualityOf(otherwise, ranges);
}

/** By the most specific range that it is in; 0 where none takes it. */
function qualityOf(type: string, ranges: readonly MediaRange[]): number {
  const [main] = type.split('/');
  for (const range of [type, `${main}/*`, '*/*']) {
    const matching = ranges.filter((each) => each.type === range);
    if (matching.length > 0) return Math.max(...matching.map(({ quality }) => quality));
  }
  return 0;
}

function toRange(text: string): MediaRange {
  const [type = '', ...parameters] = split(text, ';');
  const weight = parameters.find((parameter) => /^q\s*=/i.test(parameter));
  const quality = weight === undefined ? 1 : Number(weight.slice(weight.indexOf('=') + 1));
  // What is no weight is no wish either.
  return { type: type.toLowerCase(), quality: quality >= 0 && quality <= 1 ? quality : 0 };
}

/** At a separator that stands in no quoted string. */
function split(text: string, separator: ',' | ';'): string[] {
  const parts: string[] = [];
  let from = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\' && quoted) at += 1;
    else if (text[at] === '"') quoted = !quoted;
    else if (text[at] === separator && !quoted) {
      parts.push(text.slice(from, at).trim());
      from = at + 1;
    }
  }
  return [...parts, text.slice(from).trim()];
}
