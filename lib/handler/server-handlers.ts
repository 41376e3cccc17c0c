import { handlerKeyOf } from '../config/handler-key.js';
import type { ServerSettings } from '../config/server-settings.js';
import { ServerError, ServerErrorCode } from '../errors/server.error.js';
import {
  isExpressApplication,
  missingHandler,
  type Handler,
  type HandlerEntry,
  type HandlerSource,
} from './handler.js';
import { HandlerRegistry, resolveHandler } from './handler-registry.js';

/**
 * The handlers of a server: its own, and those of its pool where it has none of its own. Immutable,
 * so that all servers without their own share one.
 */
export class ServerHandlers {
  private constructor(
    private readonly own: HandlerRegistry | undefined,
    private readonly shared: HandlerRegistry | undefined,
  ) {}

  static of(source: HandlerSource | undefined): ServerHandlers {
    return new ServerHandlers(readOwn(source), undefined);
  }

  static sharing(registry: HandlerRegistry): ServerHandlers {
    return new ServerHandlers(undefined, registry);
  }

  /** The server comes to belong to a pool, or to another one. */
  sharing(registry: HandlerRegistry): ServerHandlers {
    return registry === this.shared ? this : new ServerHandlers(this.own, registry);
  }

  withOwn(source: HandlerSource | undefined): ServerHandlers {
    return new ServerHandlers(readOwn(source), this.shared);
  }

  /** With the handlers of another server, as `merge` takes them. */
  withOwnOf(other: ServerHandlers): ServerHandlers {
    return other.own ? new ServerHandlers(other.own, this.shared) : this;
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
    if (handlerKeyOf(handlerKey) === '' || !registry?.hasSource || registry.has(handlerKey)) {
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
