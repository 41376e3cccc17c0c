import {
  readiness,
  type Readiness,
  type ServerReadiness,
} from '../../../management/whole/readiness.js';
import type { WholeHealth } from '../../../management/whole/whole.js';
import type { ServerHealth } from '../../../server/server-health.js';
import type { Said } from '../messages.js';

interface Status {
  readonly status: ServerHealth['status'];
  readonly message?: string | undefined;
}

/** As ready as the workers are: one of several that is not leaves the rest of them to serve. */
export function mergeReadiness(
  parts: readonly Said<Readiness>[],
  reason: string | undefined,
): Readiness {
  const willing = parts.filter(({ said }) => said.reason === undefined);
  const names = new Set(parts.flatMap(({ said }) => said.servers.map(({ name }) => name)));
  const servers = [...names].map((name): ServerReadiness => {
    const each = (willing.length > 0 ? willing : parts).flatMap(({ pid, said }) =>
      said.servers.filter((server) => server.name === name).map((server) => ({ ...server, pid })),
    );
    return { ...each[0], name, ...mergeStatus(each) };
  });
  const none = parts.length === 0 ? 'no worker answers' : undefined;
  const why = willing.length === 0 ? (parts[0]?.said.reason ?? none) : undefined;
  return readiness(servers, reason ?? why);
}

/** @param parts At least one */
export function mergeHealth(parts: readonly Said<WholeHealth>[]): WholeHealth {
  const names = new Set(parts.flatMap(({ said }) => Object.keys(said.details)));
  const all = [...names].map((name) => {
    const each = parts.flatMap(({ pid, said }) => {
      const health = said.details[name];
      return health ? [{ ...health, pid }] : [];
    });
    const { pid: _, message: __, ...first } = each[0] as ServerHealth & { pid?: number };
    const merged: ServerHealth = { ...first, ...mergeStatus(each) };
    return [name, merged] as const;
  });
  const those = (isDown: boolean): Record<string, ServerHealth> =>
    Object.fromEntries(all.filter(([, { status }]) => (status === 'down') === isDown));
  const has = (wanted: ServerHealth['status']): boolean =>
    all.some(([, { status }]) => status === wanted);
  const degraded = has('degraded') ? 'degraded' : 'ok';
  return {
    status: has('down') ? 'error' : degraded,
    info: those(false),
    error: those(true),
    details: Object.fromEntries(all),
  };
}

/** Up where all are, down where all are, else degraded; the message says of whom. */
function mergeStatus(
  each: readonly (Status & { readonly pid: number | undefined })[],
): Pick<ServerHealth, 'status' | 'message'> {
  const worse = each.filter(({ status }) => status !== 'up');
  if (worse.length === 0) return { status: 'up' };
  const isDown = each.every(({ status }) => status === 'down');
  const message =
    each.length === 1
      ? worse[0]?.message
      : worse
          .map(({ pid, status, message: why }) => `worker ${pid} is ${status}: ${why}`)
          .join('; ');
  return { status: isDown ? 'down' : 'degraded', ...(message !== undefined && { message }) };
}
