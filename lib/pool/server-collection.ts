import { booleanOption, readCallOptions, refusedOption } from '../config/input/call-options.js';
import type { ServerOptions } from '../config/server.config.js';
import type { SettingsRewrite } from '../config/server-settings.js';
import { unreadable } from '../config/input/copy-report.js';
import { describeValue } from '../config/redact.js';
import { PoolError, PoolErrorCode } from '../errors/pool.error.js';
import { ServerError, ServerErrorCode } from '../errors/server.error.js';
import type { HandlerRegistry } from '../handler/handler-registry.js';
import type { ServerHandlers } from '../handler/server-handlers.js';
import { readSettings } from '../server/read-settings.js';
import { PooledServer } from '../server/pooled-server.js';
import { headline, throwIfAny } from './members/gather.js';
import { stopAll } from './group-operations.js';
import { PoolFacts } from './pool-facts.js';

/** The servers of a pool as a collection, in which they come and go: keyed by bind address. */
export abstract class ServerCollection extends PoolFacts {
  /** The shared handlers. @internal */
  get registry(): HandlerRegistry {
    return this.members.registry;
  }

  /**
   * Adds a server, or replaces the one on the same bind address: a running one hands its socket
   * over, and drains on its own. The one that is replaced stays in the pool until the other is ready.
   *
   * @throws ServerError `ERR_SERVER_VALIDATE` for a name or an address in use, or what its start
   *   throws; the pool is as before then
   */
  async store(server: PooledServer): Promise<void> {
    assertServer(server);
    await this.parts.store.store(server, { start: false });
  }

  /**
   * Validates the options, makes a server of them and stores it.
   *
   * @param options.start Whether to start it
   * @throws ServerError `ERR_SERVER_VALIDATE` or what the start throws; the pool is as before then
   */
  async storeNew(
    options: ServerOptions,
    how?: { start?: boolean | undefined } | null,
  ): Promise<PooledServer> {
    const read = readCallOptions(how, ['start'], refusedOption);
    const start = booleanOption(read, 'start', refusedOption);
    const server = this.create(options);
    await this.parts.store.store(server, { start });
    return server;
  }

  /** Takes a server out at once; resolves when it is drained and stopped. False: there was none. */
  async delete(bind: string): Promise<boolean> {
    const server = this.load(bind);
    if (server === undefined) return false;
    this.takeOut(server);
    await this.members.stop(server);
    return true;
  }

  /** Takes a server out as it is, running or not: it is the caller's from now on. */
  loadAndDelete(bind: string): PooledServer | undefined {
    const server = this.load(bind);
    if (server === undefined) return undefined;
    this.takeOut(server);
    server.detach(this.members);
    this.members.departures.taken(server);
    return server;
  }

  /**
   * Deletes all servers.
   *
   * @throws PoolError `ERR_POOL_STOP` naming each server that failed to close
   */
  async clean(): Promise<void> {
    const { members } = this;
    if (this.isWhole) members.activity.giveUp('the pool was cleaned');
    const servers = this.servers();
    for (const server of servers) this.takeOut(server);
    try {
      await stopAll(() => servers, { all: servers, stop: (server) => members.stop(server) });
    } finally {
      // One that was started since is not stopped: it is the caller's.
      for (const server of servers) if (members.isGone(server)) server.detach(members);
    }
  }

  /** What is made of the settings of all its servers, whatever way they come or change. @internal */
  rewriteSettings(rewrite: SettingsRewrite | undefined): void {
    this.members.rewriteBy(rewrite);
  }

  /** Adds servers of which none is running yet: all of them, or none. @internal */
  addAll(servers: readonly (PooledServer | null | undefined)[]): void {
    const errors: ServerError[] = [];
    const added: { readonly server: PooledServer; readonly handlers: ServerHandlers }[] = [];
    for (const server of listed(servers)) {
      if (server === null || server === undefined) continue;
      try {
        assertServer(server);
        const { handlers } = server;
        this.members.add(server);
        added.push({ server, handlers });
      } catch (error) {
        errors.push(error as ServerError);
      }
    }
    // They are the caller's as they were: this pool is never made.
    if (errors.length > 0) {
      for (const { server, handlers } of added.reverse()) {
        this.members.remove(server);
        server.detach(this.members);
        server.giveBack(handlers);
      }
    }
    throwIfAny(PoolErrorCode.ERR_POOL_ADD, headline(errors, servers, 'added'), errors);
  }

  protected takeOut(server: PooledServer): void {
    this.members.remove(server);
    this.parts.store.giveUpFor(server);
  }

  private create(input: ServerOptions): PooledServer {
    if (input === undefined || input === null) {
      const { ERR_SERVER_PARAM_EMPTY } = ServerErrorCode;
      throw new ServerError(ERR_SERVER_PARAM_EMPTY, 'storeNew needs the options of a server');
    }
    const { factory, options } = this.parts;
    const { tls, defaults } = options;
    const { handlers } = factory;
    return factory.make(
      readSettings(input, {
        handlers,
        defaultTls: tls,
        defaults,
        rewrite: this.members.rewrite,
        redirectFault: (settings) => this.members.redirectFault(settings),
      }),
    );
  }
}

/** The servers of a list, which may be none, or a proxy that throws. */
function listed(servers: readonly (PooledServer | null | undefined)[]): typeof servers {
  let got = '';
  try {
    if (Array.isArray(servers)) return [...(servers as typeof servers)];
    got = `got ${describeValue(servers)}, give a list of servers`;
  } catch (error) {
    got = unreadable(error);
  }
  throw new PoolError(
    PoolErrorCode.ERR_POOL_ADD,
    `No server was added to the pool, servers: ${got}`,
  );
}

/** Refuses what is not a server. */
function assertServer(server: unknown): asserts server is PooledServer {
  if (PooledServer.isOne(server)) return;
  const isEmpty = server === undefined || server === null;
  throw new ServerError(
    isEmpty ? ServerErrorCode.ERR_SERVER_PARAM_EMPTY : ServerErrorCode.ERR_SERVER_INVALID_INSTANCE,
    'a pool holds servers made with PooledServer.create or storeNew',
  );
}
