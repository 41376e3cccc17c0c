import { portOf } from '../../config/address/authority.js';
import { BindAddress } from '../../config/address/bind-address.js';
import { messageOf } from '../../errors/printable.js';
import type { PooledServer } from '../../server/pooled-server.js';
import { linearRegex } from './linear-regex.js';

/** The fields servers are found by. */
export const ServerField = {
  Name: 'name',
  Bind: 'bind',
  Expose: 'expose',
} as const;

export type ServerField = (typeof ServerField)[keyof typeof ServerField];

/** Tells whether a server is among those asked for. */
export type ServerMatcher = (server: PooledServer) => boolean;

/** Told of a regex that is invalid, and why. */
type OnInvalidRegex = (regex: string, why: string) => void;

type TextMatcher = (text: string) => boolean;

/**
 * Matches by the pattern (exact, without regard to case) or by the regex. A string regex has RE2
 * syntax and runs in linear time, so one from an operator can't hang the process; one that is
 * invalid matches nothing.
 *
 * @see https://github.com/google/re2/wiki/Syntax
 */
export function serverMatcher(
  field: ServerField,
  pattern: string | undefined,
  regex: string | RegExp | undefined,
  onInvalid: OnInvalidRegex,
): ServerMatcher {
  const byPattern = patternMatcher(field, pattern);
  const byRegex = regexMatcher(regex, onInvalid);
  return (server) => spellings(server, field).some((text) => byPattern(text) || byRegex(text));
}

/** The value of a field as `list` returns it. */
export function fieldOf(server: PooledServer, field: ServerField): string {
  return server[field];
}

/** An exposed address is known by its URL and by its `host:port`; a bind by its real port too. */
function spellings(server: PooledServer, field: ServerField): string[] {
  if (field === ServerField.Expose) return exposeSpellings(server.expose);
  if (field !== ServerField.Bind) return [server.name];
  // One that drains after a change of its config is still bound as it was before.
  const real = server.listener?.bind.canonical ?? server.bind;
  return real === server.bind ? [real] : [server.bind, real];
}

function exposeSpellings(expose: string): string[] {
  if (!/^https?:/.test(expose)) return [expose];
  const url = new URL(expose);
  return [expose, `${expose}/`, url.host, `${url.hostname}:${portOf(url)}`];
}

function patternMatcher(field: ServerField, pattern: string | undefined): TextMatcher {
  if (typeof pattern !== 'string' || pattern === '') return () => false;
  const wanted = new Set([pattern.toLowerCase()]);
  if (field === ServerField.Bind) wanted.add(canonical(pattern).toLowerCase());
  return (text) => wanted.has(text.toLowerCase());
}

function canonical(bind: string): string {
  try {
    return BindAddress.parse(bind).canonical;
  } catch {
    return bind;
  }
}

function regexMatcher(regex: string | RegExp | undefined, onInvalid: OnInvalidRegex): TextMatcher {
  if (!regex) return () => false;
  try {
    return regex instanceof RegExp ? searching(regex, onInvalid) : linearRegex(regex);
  } catch (error) {
    onInvalid(shownRegex(regex), messageOf(error));
    return () => false;
  }
}

/**
 * A RegExp is used as it is, and may throw: one of a subclass, or a proxy of one. What a view asks while a
 * server changes its state must not end in that change.
 */
function searching(regex: RegExp, onInvalid: OnInvalidRegex): TextMatcher {
  return (text) => {
    try {
      // `search` ignores `lastIndex`, which would make a global RegExp skip every other server.
      return text.search(regex) >= 0;
    } catch (error) {
      onInvalid(shownRegex(regex), messageOf(error));
      return false;
    }
  };
}

function shownRegex(regex: string | RegExp): string {
  if (typeof regex === 'string') return regex;
  try {
    return String(regex);
  } catch {
    return 'of an object that cannot be read';
  }
}

/** So many texts are remembered; one more, and the oldest may be said again. */
const longestMemory = 100;

/**
 * Remembers what was said already. What texts there are is up to others, an operator's filters say,
 * so neither their number nor their length adds up.
 */
export class SaidOnce {
  private readonly said = new Set<string>();

  /** Whether this is the first time; from here on it is not. */
  isNew(text: string): boolean {
    if (this.said.has(text)) return false;
    this.said.add(text);
    if (this.said.size > longestMemory) {
      const [oldest] = this.said;
      this.said.delete(oldest as string);
    }
    return true;
  }
}
