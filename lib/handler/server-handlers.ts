import { handlerKeyOf } from '../config/handler-key.js';
import { errorDetailsOf, type ServerSettings } from '../config/server-settings.js';
import { quote } from '../config/redact.js';
import { ServerError, ServerErrorCode, type ConfigIssue } from '../errors/server.error.js';
import {
  isExpressApplication,
  missingHandler,
  type Handler,
  type HandlerEntry,
  type HandlerSource,
} from './handler.js';
import { HandlerRegistry, resolveHandler, type Binding } from './handler-registry.js';
import { missingInternals } from './http2/internals.js';
import { overHttp2 } from './http2/over-http2.js';

/** What a config says of what a server serves. */
type HandlerChoice = Pick<ServerSettings, 'name' | 'handlerKey' | 'redirectTo'>;

/**
 * The handlers of a server: its own, and those of its pool where it has none of its own. Immutable,
 * so that all servers without their own share one.
 */
export class ServerHandlers {
  private constructor(
    private readonly own: HandlerRegistry | undefined,
    private readonly shared: HandlerRegistry | undefined,
    /** What an application binds to it: it keeps that when it is renamed, or comes to another pool. */
    private readonly binding?: Binding,
  ) {}

  static of(source: HandlerSource | undefined): ServerHandlers {
    return new ServerHandlers(readOwn(source), undefined);
  }

  static sharing(registry: HandlerRegistry): ServerHandlers {
    return new ServerHandlers(undefined, registry);
  }

  /** The server has these from now on where it has none of its own. */
  sharing(registry: HandlerRegistry): ServerHandlers {
    return registry === this.shared ? this : new ServerHandlers(this.own, registry, this.binding);
  }

  /** The server comes to belong to a pool; one that has nothing to give takes nothing away. */
  joining(registry: HandlerRegistry): ServerHandlers {
    return registry.isEmpty && this.shared?.isEmpty === false ? this : this.sharing(registry);
  }

  /** The server leaves a pool, and does not get the handlers that the pool is given later. */
  leaving(registry: HandlerRegistry): ServerHandlers {
    return this.shared === registry ? this.sharing(registry.withSourceOf(registry)) : this;
  }

  /** The server is a copy of one with these, in a copy of its pool: what it has of one pool it has of the other. */
  copiedFrom(
    { shared }: ServerHandlers,
    { from, to }: { from: HandlerRegistry; to: HandlerRegistry },
  ): ServerHandlers {
    if (shared === from) return this.sharing(to);
    return shared?.isBeside(from) ? this.sharing(to.withSourceOf(shared)) : this;
  }

  /** From now on it is served by what is bound to this name, whatever it comes to be called. */
  boundAs(binding: Binding): ServerHandlers {
    return new ServerHandlers(this.own, this.shared, binding);
  }

  withOwn(source: HandlerSource | undefined): ServerHandlers {
    return new ServerHandlers(readOwn(source), this.shared, this.binding);
  }

  /** With the handlers of another server, as `merge` takes them. */
  withOwnOf(other: ServerHandlers): ServerHandlers {
    return other.own ? new ServerHandlers(other.own, this.shared, this.binding) : this;
  }

  get(key: string | undefined): HandlerEntry | undefined {
    return this.registry?.get(key);
  }

  resolve({ handlerKey }: Pick<ServerSettings, 'handlerKey'>): Handler | undefined {
    return resolveHandler(this.binding?.handler, handlerKey, this.own, this.shared);
  }

  /**
   * The fault of a key that the registry lacks, or that would make the server ignore the handlers bound
   * to it. Without a registry there is nothing to lack.
   */
  keyFault(settings: HandlerChoice): ConfigIssue | undefined {
    const { handlerKey } = settings;
    const bound = this.bindingFault(settings);
    if (bound !== undefined) return bound;
    const { registry } = this;
    if (handlerKeyOf(handlerKey) === '' || !registry?.hasSource || registry.has(handlerKey)) {
      return undefined;
    }
    const known = registry.keys().map((key) => `'${key === '' ? 'default' : key}'`);
    const message = `'${handlerKey}' is no key of the handlers, give one of ${known.join(', ') || 'none: the registry is empty'}`;
    return { path: 'handlerKey', message };
  }

  /** What would make the server ignore the handlers bound to it. */
  bindingFault({ name, handlerKey, redirectTo }: HandlerChoice): ConfigIssue | undefined {
    const bound = this.binding ? this.binding.handler : this.shared?.boundTo(name);
    if (bound === undefined) return undefined;
    if (redirectTo !== undefined) {
      const message =
        'a server that redirects would not serve the controllers that HttpPoolModule.forFeature binds ' +
        'to it: leave it out, or bind them to another server';
      return { path: 'redirectTo', message };
    }
    if (handlerKeyOf(handlerKey) === '') return undefined;
    const message =
      `'${handlerKey}' would have the server serve that entry instead of the controllers that ` +
      'HttpPoolModule.forFeature binds to it: leave it out, or give the entry to another server';
    return { path: 'handlerKey', message };
  }

  /**
   * The handler to serve with from now on.
   *
   * @throws ServerError `ERR_SERVER_START` where there is none, and that is known to be a fault
   * @throws ServerError `ERR_SERVER_HTTP2_CONFIGURE` for an Express application behind HTTP/2, on a
   *   Node that it can't be served by
   */
  serving(settings: ServerSettings): Handler {
    const handler = this.resolve(settings) ?? this.missing(settings);
    if (settings.protocol !== 'http2' || !isExpressApplication(handler)) return handler;
    const missing = missingInternals();
    if (missing.length === 0) return overHttp2(handler);
    throw new ServerError(
      ServerErrorCode.ERR_SERVER_HTTP2_CONFIGURE,
      `Server '${settings.name}' has protocol 'http2' and an Express application as its handler, which ` +
        `is served by way of ${missing.join(', ')}: this Node (${process.version}) lacks it. Use protocol ` +
        "'http1', or a release of Node that the package names in its `engines`",
      errorDetailsOf(settings),
    );
  }

  private missing(settings: ServerSettings): Handler {
    const refusal = this.shared?.fallbackRefusal;
    if (refusal === undefined) return missingHandler;
    const message = `Server ${quote(settings.name)} has nothing to serve: ${refusal}`;
    throw new ServerError(ServerErrorCode.ERR_SERVER_START, message, errorDetailsOf(settings));
  }

  private get registry(): HandlerRegistry | undefined {
    return this.own ?? this.shared;
  }
}

/** @throws ServerError `ERR_SERVER_VALIDATE`, with what the source threw as its cause */
function readOwn(source: HandlerSource | undefined): HandlerRegistry | undefined {
  if (source === undefined) return undefined;
  try {
    return new HandlerRegistry(source);
  } catch (error) {
    const { message, cause } = error as Error;
    throw new ServerError(ServerErrorCode.ERR_SERVER_VALIDATE, message, { cause });
  }
}
