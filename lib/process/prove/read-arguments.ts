import { parseArgs } from 'node:util';
import { UsageError } from '../command.js';
import { readDurationArgument } from '../duration-argument.js';
import { ACTIONS, type Action } from './actions.js';
import { ROLES, type RoleName } from './clients/client.js';
import type { ProveOptions } from './prove.js';

const DEFAULTS = { action: 'stop', clients: '24', times: '1', observe: '2s', timeout: '60s' };

export const usage = `Usage: nestjs-http-pool prove --url <url>… [options] -- <command…>

Starts the command, loads it with clients that retry nothing, does the action, and says what was
lost. The command must be the application itself (or \`exec\` it): the signals go to its process.

  --url <url>                http: or https:; give it again for more
  --action <action>          stop (SIGTERM), reload (SIGHUP), or restart (SIGTERM, then start again)
                             (${DEFAULTS.action})
  --times <n>                do it so often, in a row (${DEFAULTS.times})
  --clients <n>              clients for each URL (${DEFAULTS.clients})
  --without <client>         leave such clients out; give it again for more: ${Object.keys(ROLES).join(', ')}
  --observe <duration>       load before the action, and after the last sign of it (${DEFAULTS.observe})
  --start-timeout <duration> for the first answer after a start (${DEFAULTS.timeout})
  --stop-timeout <duration>  for the exit after SIGTERM, or the end of a reload (${DEFAULTS.timeout})
  --log <file>               write one line of JSON for each loss, with the x-request-id it carried
  --json                     print { action, times, requests, answered, lost, kinds } alone on
                             standard output

Exit code: 0 when nothing was lost, 1 when something was, 2 when it could not be tried.`;

const OPTIONS = {
  url: { type: 'string', multiple: true },
  action: { type: 'string', default: DEFAULTS.action },
  times: { type: 'string', default: DEFAULTS.times },
  clients: { type: 'string', default: DEFAULTS.clients },
  without: { type: 'string', multiple: true },
  observe: { type: 'string', default: DEFAULTS.observe },
  'start-timeout': { type: 'string', default: DEFAULTS.timeout },
  'stop-timeout': { type: 'string', default: DEFAULTS.timeout },
  log: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

interface ProveArguments extends ProveOptions {
  readonly json: boolean;
  /** The file that gets a line for each loss. */
  readonly log?: string;
}

/** @throws {UsageError} naming every fault */
export function readArguments(args: readonly string[]): ProveArguments {
  const end = args.indexOf('--');
  const command = end < 0 ? [] : args.slice(end + 1);
  const { values } = parse(end < 0 ? args : args.slice(0, end));
  const faults: string[] = [];
  const time = (flag: string, text: string): number =>
    readDurationArgument(flag, text, faults, { aboveZero: true });
  const options = {
    urls: (values.url ?? []).map((text) => readUrl(text, faults)),
    command,
    action: oneOf('--action', values.action, ACTIONS, faults) as Action,
    times: readCount('--times', values.times, 100_000, faults),
    clients: readCount('--clients', values.clients, 10_000, faults),
    without: new Set(
      (values.without ?? []).map(
        (name) => oneOf('--without', name, Object.keys(ROLES), faults) as RoleName,
      ),
    ),
    observeMs: time('--observe', values.observe),
    startTimeoutMs: time('--start-timeout', values['start-timeout']),
    stopTimeoutMs: time('--stop-timeout', values['stop-timeout']),
    json: values.json,
    ...(values.log !== undefined && { log: values.log }),
  };
  if (options.urls.length === 0) faults.unshift('give at least one --url');
  if (command.length === 0) faults.push("give the command behind '--'");
  if (faults.length > 0) throw new UsageError(faults.join('; '));
  return options;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true });
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function readUrl(text: string, faults: string[]): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  faults.push(`--url '${text}' is no http: or https: URL`);
  return new URL('http://localhost');
}

function oneOf(flag: string, text: string, known: readonly string[], faults: string[]): string {
  if (!known.includes(text)) faults.push(`${flag} '${text}' is none of ${known.join(', ')}`);
  return text;
}

function readCount(flag: string, text: string, max: number, faults: string[]): number {
  const number = /^\d+$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > max) {
    faults.push(`${flag} '${text}' is no whole number from 1 to ${max}`);
  }
  return number;
}
