import { ServerError, ServerErrorCode } from './server.error.js';

/** The server that failed, as an error names it. */
export interface FailedServer {
  readonly name: string;
  readonly bind: string;
}

interface Reason {
  readonly code: ServerErrorCode;
  readonly text: string;
}

const { ERR_SERVER_INVALID_ADDRESS, ERR_SERVER_PORT_IN_USE, ERR_SERVER_START } = ServerErrorCode;

/** Matched on the code alone: the system call differs in a worker of `node:cluster`. */
const reasons: Readonly<Record<string, Reason>> = {
  EADDRINUSE: {
    code: ERR_SERVER_PORT_IN_USE,
    text: 'the address is in use by another process or server; stop that one or choose another port',
  },
  EADDRNOTAVAIL: {
    code: ERR_SERVER_INVALID_ADDRESS,
    text: 'no network interface of this machine has that address; use one that it has, or 0.0.0.0',
  },
  ENOTFOUND: {
    code: ERR_SERVER_INVALID_ADDRESS,
    text: 'the host name does not resolve; use an IP address or a name that resolves here',
  },
  EAI_AGAIN: {
    code: ERR_SERVER_INVALID_ADDRESS,
    text: 'the host name cannot be resolved at the moment; use an IP address',
  },
  EAFNOSUPPORT: {
    code: ERR_SERVER_INVALID_ADDRESS,
    text: 'this machine lacks that address family; use an IPv4 address',
  },
  EACCES: {
    code: ERR_SERVER_START,
    text: 'permission denied; use a port from 1024 on (or, for a unix socket, a folder that exists and is writable)',
  },
  EMFILE: {
    code: ERR_SERVER_START,
    text: 'the process has too many open files; raise its limit (ulimit -n)',
  },
  EINVAL: {
    code: ERR_SERVER_START,
    text: 'the system refuses that address; an inherited descriptor must be a socket that listens',
  },
  EEXIST: {
    code: ERR_SERVER_START,
    text: 'that descriptor is in use by another server of this process',
  },
};

/** Says in one error what a start met: the server, its address, the reason and what helps. */
export function startError({ name, bind }: FailedServer, cause: unknown): ServerError {
  if (cause instanceof ServerError) return cause;
  const { code, message } = cause as NodeJS.ErrnoException;
  const reason = reasons[code ?? ''] ?? { code: ERR_SERVER_START, text: message };
  const detail = code && reasons[code] ? ` (${code})` : '';
  return new ServerError(
    reason.code,
    `Server '${name}' cannot listen on ${bind}: ${reason.text}${detail}`,
    { server: name, bind, cause },
  );
}
