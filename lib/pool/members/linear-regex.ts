import { loadLater } from '../../config/load-later.js';

type Re2 = typeof import('re2js');

/** Tells whether a text matches. */
type LinearRegex = (text: string) => boolean;

/**
 * A regex of RE2 syntax, which runs in linear time. What compiles it is loaded with the first one: it would
 * be a good part of what the import of this package costs.
 *
 * @throws Error that says what is wrong with the regex
 */
export function linearRegex(text: string): LinearRegex {
  const { RE2JS } = loadLater('re2js') as Re2;
  const compiled = RE2JS.compile(text);
  return (value) => compiled.matcher(value).find();
}
