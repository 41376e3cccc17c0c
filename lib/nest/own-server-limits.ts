import { createServer, type Server } from 'node:http';

/** A setting of the application's own server, and the option that a server of the pool has for it. */
const OPTIONS = {
  keepAliveTimeout: 'idleTimeout',
  timeout: 'idleTimeout` and `writeTimeout',
  headersTimeout: 'readHeaderTimeout',
  requestTimeout: 'readTimeout',
  maxConnections: 'maxConnections',
  maxRequestsPerSocket: 'keepAliveMaxRequests',
  maxHeadersCount: 'maxHeaderBytes',
} as const;

type Limit = keyof typeof OPTIONS;

const LIMITS = Object.keys(OPTIONS) as Limit[];

/** What Fastify sets on its server by itself. */
const OF_FASTIFY: Partial<Record<Limit, number>> = { keepAliveTimeout: 72_000, requestTimeout: 0 };

/**
 * Tells of limits that were set on the server that `app.getHttpServer()` returns: they hold for connections
 * of that server, and each server of the pool has limits of its own. Each limit is told once, whether
 * it was set before the bootstrap or is set later, as `app.listen()` invites to do.
 */
export class OwnServerLimits {
  private readonly told = new Set<Limit>();
  private readonly watched: Limit[];

  constructor(
    private readonly server: Server,
    adapterType: string,
    private readonly warn: (text: string) => void,
  ) {
    const fresh = createServer();
    const ofFastify = adapterType === 'fastify' ? OF_FASTIFY : {};
    const isSet = (limit: Limit): boolean =>
      server[limit] !== undefined && server[limit] !== (ofFastify[limit] ?? fresh[limit]);
    this.tell(LIMITS.filter(isSet));
    this.watched = LIMITS.filter((limit) => !this.told.has(limit) && isPlain(server, limit));
    for (const limit of this.watched) this.watch(limit);
  }

  /** Leaves the server as it was found. */
  close(): void {
    for (const limit of this.watched.splice(0)) define(this.server, limit, this.server[limit]);
  }

  private watch(limit: Limit): void {
    let value: unknown = this.server[limit];
    Object.defineProperty(this.server, limit, {
      configurable: true,
      enumerable: true,
      get: () => value,
      set: (next: unknown) => {
        if (next !== value) this.tell([limit]);
        value = next;
      },
    });
  }

  private tell(limits: readonly Limit[]): void {
    const news = limits.filter((limit) => !this.told.has(limit));
    if (news.length === 0) return;
    for (const limit of news) this.told.add(limit);
    const options = new Set(news.map((limit) => `\`${OPTIONS[limit]}\``));
    this.warn(
      `${news.join(', ')} of app.getHttpServer() holds for that server alone; servers of the pool have ` +
        `${[...options].join(', ')} in their options`,
    );
  }
}

/** Not of a class of the user's that does something with it. */
function isPlain(server: Server, limit: Limit): boolean {
  const descriptor = Object.getOwnPropertyDescriptor(server, limit);
  return descriptor === undefined ? !(limit in server) : 'value' in descriptor;
}

function define(server: Server, limit: Limit, value: unknown): void {
  if (value === undefined) Reflect.deleteProperty(server, limit);
  else {
    const descriptor = { configurable: true, enumerable: true, writable: true, value };
    Object.defineProperty(server, limit, descriptor);
  }
}
