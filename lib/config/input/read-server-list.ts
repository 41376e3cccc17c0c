import { ServerError } from '../../errors/server.error.js';
import { BindAddress } from '../address/bind-address.js';
import { ConflictIndex } from '../address/conflict-index.js';
import { copyList } from './copy-data.js';
import { unreadable } from './copy-report.js';
import { readServerOptions, type ReadServerResult } from './read-server-options.js';
import { describeValue } from '../redact.js';
import type { ServerOptions } from '../server.config.js';
import type { ServerSettings } from '../server-settings.js';
import type { Steps } from '../steps.js';

/** How a list of configs is read. */
export interface ReadServerListOptions {
  /** The key of the list; `'servers'` unless told. */
  path?: string;
  /** What fills in for the keys that a config lacks. */
  defaults?: Partial<ServerOptions>;
  /** The settings of an item that need not be read again, for it says what they say. */
  known?: (item: unknown) => ServerSettings | undefined;
}

/** One config of a list: its settings, or its error. */
export interface ServerListEntry {
  index: number;
  /** Its key path, such as `servers[2]`. */
  path: string;
  settings?: ServerSettings;
  error?: ServerError;
}

/** A list that was read. */
export interface ReadServerListResult {
  entries: ServerListEntry[];
  /** The errors of the entries, or the one of the list itself. */
  errors: ServerError[];
}

/**
 * Validates and resolves a list of configs, a step for each, and checks them against each other: of two with
 * one name or with overlapping bind addresses the first stays valid. Never throws.
 */
export function* readServerList(
  input: unknown,
  options: ReadServerListOptions = {},
): Steps<ReadServerListResult> {
  const { path = 'servers', defaults, known } = options;
  const list = itemsOf(input);
  if (typeof list === 'string') {
    return { entries: [], errors: [ServerError.forConfig([{ path, message: list }])] };
  }
  const index = new ConflictIndex();
  const entries: ServerListEntry[] = [];
  for (const [position, item] of list.entries()) {
    const at = `${path}[${position}]`;
    const settings = known?.(item);
    const result = settings
      ? { settings, issues: [], name: settings.name }
      : readServerOptions(item, { path: at, defaults });
    entries.push(toEntry(result, position, at, index));
    yield;
  }
  return { entries, errors: entries.flatMap(({ error }) => error ?? []) };
}

/** The items, or what is wrong with the list. */
function itemsOf(input: unknown): unknown[] | string {
  try {
    if (Array.isArray(input)) return copyList(input);
    return `got ${describeValue(input)}, give a list of server options`;
  } catch (error) {
    return unreadable(error);
  }
}

function toEntry(
  result: ReadServerResult,
  index: number,
  path: string,
  seen: ConflictIndex,
): ServerListEntry {
  const { settings, name, bind } = result;
  const address = settings?.bind ?? (bind === undefined ? undefined : BindAddress.parse(bind));
  const conflicts = seen.add({ name, bind: address, path });
  const issues = [
    ...result.issues,
    ...conflicts.map(({ field, message, other }) => ({
      path: `${path}.${field}`,
      message: `${message} (${other.path})`,
    })),
  ];
  if (issues.length === 0) return { index, path, settings };
  return { index, path, error: ServerError.forConfig(issues, { server: name, bind, path }) };
}
