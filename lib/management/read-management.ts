import { copyOptions, type Source } from '../config/input/copy-options.js';
import { CopyReport, unreadable } from '../config/input/copy-report.js';
import { readServerOptions } from '../config/input/read-server-options.js';
import { handlerKeyOf } from '../config/handler-key.js';
import { isRecord } from '../config/record.js';
import { describeValue } from '../config/redact.js';
import { ruleIssues } from '../config/rules/rule-issues.js';
import type { ServerSettings } from '../config/server-settings.js';
import type { ConfigIssue } from '../errors/server.error.js';
import { ManagementConfig, type ManagementOptions } from './management.config.js';

const PATH = 'management';

const DEFAULTS: Source = {
  value: { name: 'management', shutdown: { last: true } },
  inherited: false,
};

/** What the option `management` comes to. */
interface ManagementSettings extends Pick<ManagementConfig, 'info' | 'dashboard'> {
  readonly server: ServerSettings;
}

/** The settings, or why there are none. */
interface ReadManagement {
  readonly settings?: ManagementSettings;
  readonly issues: readonly ConfigIssue[];
  /** The name, when that much is valid. */
  readonly name?: string;
}

/** Reads an address, or options. The pool's defaults have no part in it. Never throws. */
export function readManagement(input: string | ManagementOptions): ReadManagement {
  const options: unknown = typeof input === 'string' ? { listen: input } : input;
  if (!isRecord(options)) {
    const message = `got ${describeValue(input)}, give an address or an object with the options`;
    return { issues: [{ path: PATH, message }] };
  }
  try {
    return read(options);
  } catch (error) {
    return { issues: [{ path: PATH, message: unreadable(error) }] };
  }
}

function read(options: Record<string, unknown>): ReadManagement {
  const report = new CopyReport();
  const sources = [{ value: options, inherited: false }, DEFAULTS];
  const config = copyOptions(ManagementConfig, sources, PATH, report);
  const issues = report.with(ruleIssues(ManagementConfig, config, PATH));
  const isNamed = !issues.some(({ path }) => path === `${PATH}.name`);
  if (issues.length > 0) return { issues, ...(isNamed && { name: config.name }) };
  const { info, dashboard, handlerKey, ...server } = config;
  if (handlerKeyOf(handlerKey) !== '') {
    const message =
      `got ${describeValue(handlerKey)}, leave it out: this server answers paths of its own, and then ` +
      'the controllers that HttpPoolModule.forFeature binds to its name';
    return { issues: [{ path: `${PATH}.handlerKey`, message }] };
  }
  if (server.redirectTo !== undefined) {
    const message = `got ${describeValue(server.redirectTo)}, leave it out: this server answers paths of its own`;
    return { issues: [{ path: `${PATH}.redirectTo`, message }] };
  }
  // A server of the pool as any other: its config is that of a server.
  const { settings, issues: others } = readServerOptions(server, { path: PATH });
  return { issues: others, ...(settings && { settings: { server: settings, info, dashboard } }) };
}
