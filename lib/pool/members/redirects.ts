import { quote } from '../../config/redact.js';
import type { ServerSettings } from '../../config/server-settings.js';
import type { ConfigIssue } from '../../errors/server.error.js';
import type { PooledServer } from '../../server/pooled-server.js';
import type { ServerIndex } from './server-index.js';
import { describeNames } from './server-names.js';

/** The settings of other servers, beside which a redirect is looked at. */
export interface Others {
  /** Undefined: nobody has the name. */
  named(name: string): ServerSettings | undefined;
  names(): Iterable<string>;
}

/** What is wrong with where a server redirects to, beside the others of its pool. */
export function redirectFault(settings: ServerSettings, others: Others): ConfigIssue | undefined {
  const { name, redirectTo } = settings;
  if (redirectTo?.server === undefined) return undefined;
  const named = (other: string): ServerSettings | undefined =>
    other === name ? settings : others.named(other);
  const target = named(redirectTo.server);
  if (target === undefined) return fault(`got ${quote(redirectTo.server)}, ${unknown(others)}`);
  if (target.expose === undefined && target.bind.kind !== 'tcp') {
    const where = quote(target.bind.canonical);
    return fault(
      `got ${quote(target.name)}, which listens on ${where}, an address that no client can be sent to: give that server \`expose\``,
    );
  }
  const way = [name];
  for (let at: ServerSettings | undefined = target; at !== undefined;) {
    way.push(at.name);
    if (at.name === name) {
      const circle = way.map((each) => quote(each)).join(' -> ');
      return fault(`${circle} is a circle: give one of them an origin, or a handler`);
    }
    const next: string | undefined = at.redirectTo?.server;
    // A circle further on is told of those that are in it.
    at = next === undefined || way.includes(next, 1) ? undefined : named(next);
  }
  return undefined;
}

function fault(message: string): ConfigIssue {
  return { path: 'redirectTo', message };
}

function unknown(others: Others): string {
  const known = describeNames(others.names(), 'there are no others');
  return `which is no server of the pool: ${known}; an origin is given as 'https://example.com'`;
}

/**
 * Finds the servers that others redirect to. One keeps being found when it is renamed, for as long as no
 * other one has the name.
 */
export class Redirects implements Others {
  /** Those that redirect to a server of the pool. */
  private readonly sources = new Set<PooledServer>();
  /** The servers that have left a name which others redirect to. */
  private readonly renamed = new Map<string, PooledServer>();

  constructor(private readonly index: ServerIndex) {}

  find(name: string): PooledServer | undefined {
    return this.index.named(name) ?? this.renamed.get(name);
  }

  named(name: string): ServerSettings | undefined {
    return this.find(name)?.settings;
  }

  *names(): Iterable<string> {
    for (const { name } of this.index) yield name;
  }

  /** As the servers are when this one has left. */
  without(leaving: PooledServer): Others {
    const { index } = this;
    return {
      named: (name) => {
        const found = this.find(name);
        return found === leaving ? undefined : found?.settings;
      },
      *names() {
        for (const server of index) if (server !== leaving) yield server.name;
      },
    };
  }

  /** A server has come, or may have changed its config; `former` is the name it had. */
  update(server: PooledServer, former: string = server.name): void {
    if (server.settings.redirectTo?.server === undefined) this.sources.delete(server);
    else this.sources.add(server);
    if (former !== server.name) this.renamed.set(former, server);
    this.forgetUnwanted();
  }

  remove(server: PooledServer): void {
    this.sources.delete(server);
    for (const [name, renamed] of this.renamed) if (renamed === server) this.renamed.delete(name);
    this.forgetUnwanted();
  }

  /** Former names that no server redirects to any more: who asks for one anew is at fault. */
  private forgetUnwanted(): void {
    if (this.renamed.size === 0) return;
    const wanted = new Set([...this.sources].map(({ settings }) => settings.redirectTo?.server));
    for (const name of this.renamed.keys()) if (!wanted.has(name)) this.renamed.delete(name);
  }
}
