import 'reflect-metadata';
import type { IncomingMessage } from 'node:http';
import type { FieldsOf } from '../config/fields-of.js';
import { isRecord } from '../config/record.js';
import { IsAnything } from '../config/rules/nested.rules.js';
import { valueRule } from '../config/rules/rule.js';
import { ServerConfig, type ServerOptions } from '../config/server.config.js';

/** What the dashboard may do. */
export interface DashboardOptions {
  /**
   * Asked before each action, with its request: whether who sent it may start, stop and change
   * servers. Only `true` allows it; when it throws or rejects, the action is refused.
   *
   * @defaultValue none: the page only shows
   */
  actions?: ((request: IncomingMessage) => boolean | Promise<boolean>) | undefined;
}

/** The rules of {@link ManagementOptions}: those of a server, and two fields more. */
export class ManagementConfig extends ServerConfig {
  /**
   * Shown by `/info` beside the defaults, which it may replace.
   *
   * @defaultValue none
   */
  @IsAnything()
  @IsJsonRecord()
  info?: Readonly<Record<string, unknown>> | undefined;

  /**
   * The page on `/`: what the servers are, live; with `actions` it may start, stop, restart and change
   * them, too.
   *
   * @defaultValue false
   * @see docs/dashboard.md
   */
  @IsDashboard()
  dashboard?: boolean | DashboardOptions | undefined;
}

/**
 * The server for operators: all options of a server, and two more. Its name is `'management'` and
 * `shutdown.last` true unless told otherwise.
 */
export interface ManagementOptions
  extends Omit<ServerOptions, 'name'>, Pick<FieldsOf<ManagementConfig>, 'info' | 'dashboard'> {
  /**
   * The name, unique in the pool.
   *
   * @defaultValue `'management'`
   */
  name?: string | undefined;
}

function IsJsonRecord(): PropertyDecorator {
  return valueRule('isJsonRecord', {
    isRight: (value) => isRecord(value) && isJson(value),
    give: 'a plain object that JSON can hold',
  });
}

/** It is copied once, at the start: what can't be told is no matter for a request. */
function isJson(value: unknown): boolean {
  try {
    return typeof JSON.stringify(value) === 'string';
  } catch {
    return false;
  }
}

function IsDashboard(): PropertyDecorator {
  return valueRule('isDashboard', {
    isRight: (value) => typeof value === 'boolean' || isDashboardOptions(value),
    give: 'true, false or { actions: (request) => boolean }',
  });
}

function isDashboardOptions(value: unknown): value is DashboardOptions {
  if (!isRecord(value) || Object.keys(value).some((key) => key !== 'actions')) return false;
  return value.actions === undefined || typeof value.actions === 'function';
}
