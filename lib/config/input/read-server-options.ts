import type { ConfigIssue } from '../../errors/server.error.js';
import { BindAddress } from '../address/bind-address.js';
import { copyOptions, type Source } from './copy-options.js';
import { CopyReport, ROOT, unreadable } from './copy-report.js';
import { joinPath } from '../rules/key-path.js';
import { isRecord } from '../record.js';
import { describeValue } from '../redact.js';
import { ruleIssues } from '../rules/rule-issues.js';
import { ServerConfig } from '../server.config.js';
import type { ServerOptions } from '../server.config.js';
import { resolveSettings, type ServerSettings, type SettingsRewrite } from '../server-settings.js';

/** How options are read. */
interface ReadServerOptions {
  /** Where they stand, such as `servers[2]`; each key path starts with it. */
  path?: string;
  /** What fills in for the keys they lack, in nested objects too; lists are taken whole. */
  defaults?: Partial<ServerOptions>;
  /** What is made of the settings. */
  rewrite?: SettingsRewrite | undefined;
}

/** The settings, or why there are none. */
export interface ReadServerResult {
  /** The resolved settings; only when there is no issue. */
  settings?: ServerSettings;
  /** Every fault; empty when the options are valid. */
  issues: ConfigIssue[];
  /** Of options that are at fault, what those that are right come to: what they point at may be at fault, too. */
  sound?: ServerSettings;
  /** The name, when that much is valid. */
  name?: string;
  /** The bind address in canonical form, when that much is valid. */
  bind?: string;
}

/** Validates and resolves the options of one server. Never throws and never changes its input. */
export function readServerOptions(
  input: unknown,
  options: ReadServerOptions = {},
): ReadServerResult {
  const { path = '', rewrite } = options;
  try {
    const result = read(input, path, options.defaults);
    return rewrite && result.settings ? rewritten(result.settings, rewrite) : result;
  } catch (error) {
    // A proxy can throw from any look at it, those of the rules included.
    return { issues: [{ path: path || ROOT, message: unreadable(error) }] };
  }
}

function rewritten(asGiven: ServerSettings, rewrite: SettingsRewrite): ReadServerResult {
  const settings = rewrite(asGiven);
  return { settings, issues: [], name: settings.name, bind: settings.bind.canonical };
}

function read(input: unknown, path: string, defaults: unknown): ReadServerResult {
  const issues: ConfigIssue[] = [];
  const sources: Source[] = [];
  if (isRecord(input)) sources.push({ value: input, inherited: false });
  else issues.push(notRecord(input, path || ROOT, 'an object with the options of a server'));
  if (isRecord(defaults)) sources.push({ value: defaults, inherited: true });
  else if (defaults !== undefined) {
    issues.push(notRecord(defaults, 'defaults', 'an object with server options'));
  }
  if (!isRecord(input)) return { issues };

  const report = new CopyReport();
  const config = copyOptions(ServerConfig, sources, path, report);
  issues.push(...findIssues(config, path, report));
  if (issues.length === 0) {
    const settings = resolveSettings(config);
    return { settings, issues, name: settings.name, bind: settings.bind.canonical };
  }
  const sound = soundOf(config, path, issues);
  return { issues, ...identify(config, path, issues), ...(sound && { sound }) };
}

/** What stands for a name and an address that are at fault. */
const IDENTITY = { name: 'server', listen: '127.0.0.1:0' };

/** The settings of a config but for the fields at fault. */
function soundOf(
  config: ServerConfig,
  path: string,
  issues: readonly ConfigIssue[],
): ServerSettings | undefined {
  const wrong = new Set(issues.map((issue) => fieldOf(issue, path)));
  // What is asked for of TLS can't be told from a part of it.
  if (wrong.has('tls')) wrong.add('tlsMandatory').add('monitor');
  const given = Object.entries(Object.assign({}, config, { tls: config.tls }));
  const value = { ...IDENTITY, ...Object.fromEntries(given.filter(([key]) => !wrong.has(key))) };
  try {
    const source = { value, inherited: false };
    return resolveSettings(copyOptions(ServerConfig, [source], '', new CopyReport()));
  } catch {
    return undefined;
  }
}

/** The field of the config that an issue is about, or is within. */
function fieldOf(issue: ConfigIssue, path: string): string | undefined {
  return /^\.?(\w+)/.exec(issue.path.slice(path.length))?.[1];
}

function notRecord(value: unknown, path: string, give: string): ConfigIssue {
  return { path, message: `got ${describeValue(value)}, give ${give}` };
}

function findIssues(config: ServerConfig, path: string, report: CopyReport): ConfigIssue[] {
  const late = ruleIssues(ServerConfig, config, path);
  if (late.length === 0 && report.issues.length === 0) return late;
  return report
    .with(late)
    .map((issue) =>
      report.isInherited(issue.path)
        ? { ...issue, message: `${issue.message} (from the pool's defaults)` }
        : issue,
    );
}

/** What of a faulty config is sound enough to name it by. */
function identify(
  { name, listen }: ServerConfig,
  path: string,
  issues: readonly ConfigIssue[],
): Pick<ReadServerResult, 'name' | 'bind'> {
  const isSound = (key: string): boolean =>
    !issues.some((issue) => issue.path === joinPath(path, key));
  return {
    name: isSound('name') ? name : undefined,
    bind: isSound('listen') ? BindAddress.parse(listen).canonical : undefined,
  };
}
