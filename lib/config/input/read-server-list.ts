import { ServerError } from '../../errors/server.error.js';
import { BindAddress } from '../address/bind-address.js';
import { ConflictIndex, type Identity } from '../address/conflict-index.js';
import { copyList } from './copy-data.js';
import { unreadable } from './copy-report.js';
import { readServerOptions, type ReadServerResult } from './read-server-options.js';
import { describeValue } from '../redact.js';
import type { ServerOptions } from '../server.config.js';
import type { ServerSettings, SettingsRewrite } from '../server-settings.js';
import type { Steps } from '../steps.js';

/** How a list of configs is read. */
export interface ReadServerListOptions {
  /** The key of the list; `'servers'` unless told. */
  path?: string;
  /** What fills in for the keys that a config lacks. */
  defaults?: Partial<ServerOptions>;
  /** What is made of the settings of each, before they are looked at beside each other. */
  rewrite?: SettingsRewrite | undefined;
  /** The settings of an item that need not be read again, for it says what they say. */
  known?: (item: unknown) => ServerSettings | undefined;
  /** Whether it is known that no two of them have one name or overlapping bind addresses. */
  areApart?: (settings: readonly ServerSettings[]) => boolean;
}

/** A list that was read. */
export interface ReadServerListResult {
  /** The settings of each config, in the order of the list; undefined of one that is at fault. */
  settings: (ServerSettings | undefined)[];
  /** The places in the list of the configs that were not known. */
  read: number[];
  /** The errors of the configs that are at fault, by their places. */
  errors: ReadonlyMap<number, ServerError>;
  /** Of these, what in them is right. */
  sound: ReadonlyMap<number, ServerSettings>;
  /** Why it is no list. */
  listError?: ServerError;
}

/** So many that are known are one step: it is dearer than the look at one of them. */
const knownInStep = 4;

/** So many are looked at beside each other in one step. */
const comparedInStep = 16;

/**
 * Validates and resolves a list of configs, step by step, and checks them against each other: of two with
 * one name or with overlapping bind addresses the first stays valid. Never throws.
 */
export function* readServerList(
  input: unknown,
  options: ReadServerListOptions = {},
): Steps<ReadServerListResult> {
  const { path, defaults, rewrite, known, areApart } = options;
  const list = itemsOf(input);
  if (typeof list === 'string') {
    const listError = ServerError.forConfig([{ path: path ?? LIST, message: list }]);
    return { settings: [], read: [], errors: new Map(), sound: new Map(), listError };
  }
  const settings: (ServerSettings | undefined)[] = [];
  const read: number[] = [];
  const faults: Faults = new Map();
  for (let at = 0; at < list.length; at += 1) {
    const same = known?.(list[at]);
    if (same === undefined) {
      const result = readServerOptions(list[at], { path: pathOf(at, path), defaults, rewrite });
      if (result.settings === undefined) faults.set(at, result);
      settings.push(result.settings);
      read.push(at);
      yield;
    } else {
      settings.push(same);
      if ((at + 1) % knownInStep === 0) yield;
    }
  }
  const isSound = faults.size === 0 && areApart?.(settings as ServerSettings[]) === true;
  if (isSound) return { settings, read, errors: new Map(), sound: new Map() };
  return { settings, read, ...(yield* findErrors(settings, faults, path)) };
}

/** The key path of a config of a list. */
export function pathOf(at: number, list = LIST): string {
  return `${list}[${at}]`;
}

const LIST = 'servers';

/** What was found out about configs that are at fault, by their places. */
type Faults = Map<number, ReadServerResult>;

/** The items, or what is wrong with the list. */
function itemsOf(input: unknown): unknown[] | string {
  try {
    if (Array.isArray(input)) return copyList(input);
    return `got ${describeValue(input)}, give a list of server options`;
  } catch (error) {
    return unreadable(error);
  }
}

/** Takes out of the settings what is in the way of those before it. */
function* findErrors(
  settings: (ServerSettings | undefined)[],
  faults: Faults,
  list: string | undefined,
): Steps<Pick<ReadServerListResult, 'errors' | 'sound'>> {
  const seen = new ConflictIndex();
  const errors = new Map<number, ServerError>();
  const sound = new Map<number, ServerSettings>();
  for (let at = 0; at < settings.length; at += 1) {
    const path = pathOf(at, list);
    const fault = faults.get(at);
    const { name, bind } = settings[at] ?? identityOf(fault);
    const conflicts = seen.add({ name, bind, path }).map(({ field, message, other }) => ({
      path: `${path}.${field}`,
      message: `${message} (${other.path})`,
    }));
    const issues = [...(fault?.issues ?? []), ...conflicts];
    if (issues.length > 0) {
      const details = { server: name, bind: bind?.canonical, path };
      errors.set(at, ServerError.forConfig(issues, details));
      const right = settings[at] ?? fault?.sound;
      if (right) sound.set(at, right);
      settings[at] = undefined;
    }
    if ((at + 1) % comparedInStep === 0) yield;
  }
  return { errors, sound };
}

function identityOf({ name, bind }: Partial<ReadServerResult> = {}): Partial<Identity> {
  return { name, bind: bind === undefined ? undefined : BindAddress.parse(bind) };
}
