import { setMaxListeners } from 'node:events';
import { ROLES, runClient, type Role, type RoleName } from './clients/client.js';
import type { Ledger } from './ledger.js';
import type { Target } from './target.js';

/** A target and the roles that clients can play there. */
export interface Stage {
  readonly target: Target;
  readonly roles: readonly RoleName[];
}

/** The clients of all targets at work. */
export class Load {
  private readonly end = new AbortController();
  private readonly clients: Promise<void>[];

  /**
   * @param clients How many for each target, dealt over its roles
   * @param onFault A client failed at its own work: what it counted says nothing then
   */
  constructor(
    stages: readonly Stage[],
    clients: number,
    ledger: Ledger,
    onFault: (error: unknown) => void,
  ) {
    setMaxListeners(0, this.end.signal);
    this.clients = stages.flatMap(({ target, roles }) =>
      deal(roles, clients).map((role) =>
        runClient(target, role, ledger, this.end.signal).catch(onFault),
      ),
    );
  }

  /** Begins nothing more. */
  abandon(): void {
    this.end.abort();
  }

  /** Begins nothing more, and waits for what was begun. */
  async stop(): Promise<void> {
    this.abandon();
    await Promise.all(this.clients);
  }
}

/** Every role once, then more of those whose connections are kept: they lose the most. */
function deal(roles: readonly RoleName[], clients: number): Role[] {
  const kept = roles.filter((name) => ROLES[name].timed);
  return Array.from({ length: clients }, (_, index) => {
    const name = index < roles.length ? roles[index]! : kept[index % kept.length]!;
    return ROLES[name];
  });
}
