import type { FactoryProvider, INestApplication, ModuleMetadata, Type } from '@nestjs/common';
import type { ServerOptions } from './config/server.config.js';
import type { HandlerSource } from './handler/handler.js';
import type { ManagementOptions } from './management/management.config.js';
import type { MetricsOptions } from './metrics/metrics.options.js';
import type { DefaultTls } from './tls/default-tls.js';

/** What happens when a server cannot be started at the bootstrap of the application. */
export type StartFailureMode = 'abort' | 'continue';

/** The options of {@link HttpPoolModule.forRoot}. */
export interface HttpPoolModuleOptions {
  /** The configs of the servers; may be empty, and servers be added later. */
  servers: ServerOptions[];
  /**
   * The registry that `handlerKey` picks from. A server without a key is served by its entry
   * `''` or `'default'`, where there is one.
   *
   * @defaultValue the Nest application alone
   */
  handlers?: HandlerSource | undefined;
  /**
   * The default TLS, for servers with `tls.inheritDefault`.
   *
   * @defaultValue none
   */
  tls?: DefaultTls | undefined;
  /**
   * Options folded into every server before validation; a server's own go first.
   *
   * @defaultValue none
   */
  defaults?: Partial<ServerOptions> | undefined;
  /**
   * Whether {@link PoolService} and the others can be injected without importing the module.
   * Of `forRootAsync` it is an option of its own; in what its factory returns it comes too late.
   *
   * @defaultValue true
   */
  isGlobal?: boolean | undefined;
  /**
   * Whether the servers start in `onApplicationBootstrap`; if not, call `PoolService.start()`. Without
   * HTTP, as in `createApplicationContext`, servers with an entry of `handlers` can be started so, and
   * the others are refused.
   *
   * @defaultValue true with an HTTP adapter, false without
   */
  autoStart?: boolean | undefined;
  /**
   * `'abort'`: stop what started and reject the bootstrap with `ERR_POOL_START`; `'continue'`: keep
   * what started and log the rest, which health reports as down.
   *
   * @defaultValue `'abort'`
   */
  onStartFailure?: StartFailureMode | undefined;
  /**
   * When it aborts, every server stops gracefully.
   *
   * @defaultValue none
   */
  signal?: AbortSignal | undefined;
  /**
   * A server for operators, by its address or its options: health, readiness and what the servers are,
   * on a port of its own. It is bound before all others, and stops after them.
   *
   * @defaultValue none
   */
  management?: string | ManagementOptions | undefined;
  /**
   * What the servers do and are, in numbers: on a registry of prom-client, where `/metrics` of the
   * management server shows them, or by a Meter of OpenTelemetry.
   *
   * @defaultValue with `management` true where `prom-client` is installed, else false
   */
  metrics?: boolean | MetricsOptions | undefined;
  /**
   * Whether a table of the servers is logged when they have started.
   *
   * @defaultValue false
   */
  logTable?: boolean | undefined;
}

/** What may stand for the options: them, or only the list of the servers. */
export type HttpPoolModuleInput = HttpPoolModuleOptions | ServerOptions[];

/** A class that makes the options, for `useClass` and `useExisting`. */
export interface HttpPoolOptionsFactory {
  createHttpPoolOptions(): HttpPoolModuleInput | Promise<HttpPoolModuleInput>;
}

/** The options of {@link HttpPoolModule.forRootAsync}: one of the three `use…`. */
export interface HttpPoolModuleAsyncOptions {
  /** The modules whose providers the factory is given. */
  imports?: ModuleMetadata['imports'] | undefined;
  /** The tokens of what the factory is given. */
  inject?: FactoryProvider['inject'] | undefined;
  /** Returns the options or the list of the servers, now or later. */
  useFactory?:
    ((...args: never[]) => HttpPoolModuleInput | Promise<HttpPoolModuleInput>) | undefined;
  /** A class to create and to ask for the options. */
  useClass?: Type<HttpPoolOptionsFactory> | undefined;
  /** A provider of `imports` to ask for the options. */
  useExisting?: Type<HttpPoolOptionsFactory> | undefined;
  /**
   * As of {@link HttpPoolModuleOptions}.
   *
   * @defaultValue true
   */
  isGlobal?: boolean | undefined;
}

/** A method, so that a function which takes the application of one adapter, `NestFastifyApplication` say, is one too. */
interface FeatureSetup {
  setup(this: void, application: INestApplication): unknown;
}

/** The options of {@link HttpPoolModule.forFeature}. */
export interface HttpPoolFeatureOptions {
  /** The name of the server, or the names, that serve the controllers. */
  server: string | string[];
  /** Controllers that no other server serves, the application's own included. */
  controllers?: Type[] | undefined;
  /** As of any module: whose providers the controllers are given. What has controllers is served by the application. */
  imports?: ModuleMetadata['imports'] | undefined;
  /** As of any module. */
  providers?: ModuleMetadata['providers'] | undefined;
  /** As of any module. */
  exports?: ModuleMetadata['exports'] | undefined;
  /**
   * Modules, of your own or of a package, whose controllers no other server serves. They are modules
   * of the application otherwise; what they import is served by the application as ever.
   *
   * @defaultValue none
   */
  modules?: ModuleMetadata['imports'] | undefined;
  /**
   * Also apply path middleware (`app.use(path, fn)`), Fastify plugins and hooks of the application. Without
   * it, a warning at boot names what does not hold here.
   *
   * @defaultValue false
   */
  inherit?: boolean | undefined;
  /**
   * Called at the bootstrap with the application of each named server, as `main.ts` has the whole
   * application: before its body parsers and routes are there. What is done to it holds on that
   * server only: `use()`, `register()`, `useStaticAssets()`, `setGlobalPrefix()`, global guards,
   * Swagger. With it, `controllers` and `modules` may be empty.
   *
   * The application can't be started, and is closed with the whole one.
   *
   * @defaultValue none
   */
  setup?: FeatureSetup['setup'] | undefined;
}
