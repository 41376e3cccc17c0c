import { oneLine } from './one-line.js';
import { printable } from './printable.js';

/** The codes of {@link ServerError}; each key is its own value. Part of the public API. */
export const ServerErrorCode = {
  /** A required argument is missing. */
  ERR_SERVER_PARAM_EMPTY: 'ERR_SERVER_PARAM_EMPTY',
  /** Something that is not a server was given where a server belongs. */
  ERR_SERVER_INVALID_INSTANCE: 'ERR_SERVER_INVALID_INSTANCE',
  /** HTTP/2 could not be set up with these settings. */
  ERR_SERVER_HTTP2_CONFIGURE: 'ERR_SERVER_HTTP2_CONFIGURE',
  /** The config is at fault; `issues` lists each fault with its key path. */
  ERR_SERVER_VALIDATE: 'ERR_SERVER_VALIDATE',
  /** The server could not be started. */
  ERR_SERVER_START: 'ERR_SERVER_START',
  /** The bind address does not exist on this machine or can't be resolved. */
  ERR_SERVER_INVALID_ADDRESS: 'ERR_SERVER_INVALID_ADDRESS',
  /** The bind address is taken. */
  ERR_SERVER_PORT_IN_USE: 'ERR_SERVER_PORT_IN_USE',
} as const;

/** One of the codes of {@link ServerError}. */
export type ServerErrorCode = (typeof ServerErrorCode)[keyof typeof ServerErrorCode];

/** One fault of a config. */
export interface ConfigIssue {
  /** The full key path, such as `servers[2].tls.certs[0].key`. */
  path: string;
  /** What was given (redacted where it may be secret) and what would be right. */
  message: string;
}

/** What a {@link ServerError} tells besides its code and message. */
interface ServerErrorDetails {
  /** The name of the server. */
  server?: string;
  /** Its bind address in canonical form. */
  bind?: string;
  /** The error that led to this one. */
  cause?: unknown;
  /** The faults, when the config is at fault. */
  issues?: readonly ConfigIssue[];
}

/** What names the server of a config fault. */
interface ConfigFaultDetails extends Omit<ServerErrorDetails, 'issues'> {
  /** Where the config stands, such as `servers[2]`; names a server whose name is at fault. */
  path?: string;
}

/** A fault of one server. PEM text is hidden from its message, which is one line, and one more for each issue. */
export class ServerError extends Error {
  /** Why, as a stable code. */
  readonly code: ServerErrorCode;
  /** The name of the server, where known. */
  readonly server?: string;
  /** Its bind address in canonical form, where known. */
  readonly bind?: string;
  /** The faults of the config; empty when the config is not at fault. */
  readonly issues: readonly ConfigIssue[];

  constructor(code: ServerErrorCode, message: string, details: ServerErrorDetails = {}) {
    const issues = (details.issues ?? []).map(({ path, message: text }) =>
      Object.freeze({ path: printable(path), message: oneLine(text) }),
    );
    super(
      compose(oneLine(message), issues),
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.name = 'ServerError';
    this.code = code;
    this.server = details.server;
    this.bind = details.bind;
    this.issues = Object.freeze(issues);
  }

  /** A config fault: one error (`ERR_SERVER_VALIDATE`) whose message lists every issue. */
  static forConfig(issues: readonly ConfigIssue[], details: ConfigFaultDetails = {}): ServerError {
    const { path, ...rest } = details;
    const server = rest.server === undefined ? 'The server' : `Server '${rest.server}'`;
    const place = path ? ` (${path})` : '';
    const message = `${server}${place} has a config that is not valid:`;
    return new ServerError(ServerErrorCode.ERR_SERVER_VALIDATE, message, { ...rest, issues });
  }
}

function compose(message: string, issues: readonly ConfigIssue[]): string {
  return [message, ...issues.map(({ path, message: text }) => `  - ${path}: ${text}`)].join('\n');
}
