import type { ServerSettings } from '../config/server-settings.js';
import { ServerError, ServerErrorCode } from '../errors/server.error.js';
import {
  isExpressApplication,
  missingHandler,
  type Handler,
  type HandlerEntry,
  type HandlerSource,
} from '../handler/handler.js';
import { HandlerRegistry, normalizeKey, resolveHandler } from '../handler/handler-registry.js';

/** The handlers of one server: its own, and those of its pool where it has none of its own. */
export class ServerHandlers {
  private own: HandlerRegistry;

  constructor(
    source: HandlerSource | undefined,
    private shared: HandlerRegistry | undefined,
  ) {
    this.own = new HandlerRegistry(source);
  }

  /** The server comes to belong to a pool, or to another one. */
  share(registry: HandlerRegistry): void {
    this.shared = registry;
  }

  setOwn(source: HandlerSource | undefined): void {
    this.own = new HandlerRegistry(source);
  }

  /** Takes the handlers of another server, as `merge` does. */
  takeOwn(other: ServerHandlers): void {
    if (other.own.hasSource) this.own = other.own.clone();
  }

  /** For a clone: the same handlers, and from here on changes that are its own. */
  clone(): ServerHandlers {
    const copy = new ServerHandlers(undefined, this.shared);
    copy.own = this.own.clone();
    return copy;
  }

  get(key: string | undefined): HandlerEntry | undefined {
    return this.registry?.get(key);
  }

  resolve({ name, handlerKey }: ServerSettings): Handler | undefined {
    return resolveHandler(name, handlerKey, this.own, this.shared);
  }

  /** The fault of a key that the registry lacks; without a registry there is nothing to lack. */
  keyFault(handlerKey: string): string | undefined {
    const { registry } = this;
    if (normalizeKey(handlerKey) === '' || !registry?.hasSource || registry.has(handlerKey)) {
      return undefined;
    }
    const known = registry.keys().map((key) => `'${key === '' ? 'default' : key}'`);
    return `'${handlerKey}' is no key of the handlers, give one of ${known.join(', ') || 'none: the registry is empty'}`;
  }

  /**
   * The handler to serve with from now on.
   *
   * @throws ServerError `ERR_SERVER_HTTP2_CONFIGURE` for an Express application behind HTTP/2
   */
  serving(settings: ServerSettings): Handler {
    const handler = this.resolve(settings) ?? missingHandler;
    if (settings.protocol === 'http2' && isExpressApplication(handler)) {
      throw new ServerError(
        ServerErrorCode.ERR_SERVER_HTTP2_CONFIGURE,
        `Server '${settings.name}' has protocol 'http2' and an Express application as its handler: ` +
          'Express sets its HTTP/1 prototypes on every request, and on an HTTP/2 request that ' +
          "crashes the process. Use protocol 'http1', Fastify, or a plain listener " +
          '(https://github.com/expressjs/express/issues/3388)',
        { server: settings.name, bind: settings.bind.canonical },
      );
    }
    return handler;
  }

  private get registry(): HandlerRegistry | undefined {
    return this.own.hasSource ? this.own : this.shared;
  }
}
