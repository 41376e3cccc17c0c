import {
  ConfigurableModuleBuilder,
  Inject,
  Module,
  Optional,
  type DynamicModule,
  type NestModule,
  type OnModuleInit,
  type Provider,
} from '@nestjs/common';
import { HttpAdapterHost, ModuleRef, ModulesContainer } from '@nestjs/core';
import { HealthIndicatorService } from '@nestjs/terminus';
import { PoolHealthIndicator } from './health/pool.health-indicator.js';
import { HTTP_POOL_METRICS, HTTP_POOL_OPTIONS, HTTP_POOL_REWRITE } from './http-pool.constants.js';
import type {
  HttpPoolFeatureOptions,
  HttpPoolModuleAsyncOptions,
  HttpPoolModuleInput,
  HttpPoolModuleOptions,
} from './http-pool.options.js';
import type { ServerOptions } from './config/server.config.js';
import type { SettingsRewrite } from './config/server-settings.js';
import type { LoadedMetrics } from './metrics/load-metrics.js';
import { loadApplicationMetrics } from './nest/application-metrics.js';
import { ApplicationRoutes } from './nest/application-routes.js';
import { createPoolService } from './nest/create-pool-service.js';
import { FeatureApplications } from './nest/feature/feature-applications.js';
import { createFeatureModule } from './nest/feature/feature-module.js';
import { containerOf } from './nest/internals/nest.js';
import { readAsyncOptions } from './nest/options/read-async-options.js';
import { readingOptions } from './nest/options/reading-options.js';
import { serverProviders } from './nest/server-providers.js';
import { PoolService } from './pool.service.js';

const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<HttpPoolModuleInput>({
  optionsInjectionToken: HTTP_POOL_OPTIONS,
})
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createHttpPoolOptions')
  .build();

const PROVIDERS: Provider[] = [
  {
    provide: FeatureApplications,
    inject: [HttpAdapterHost, ModulesContainer, ModuleRef],
    useFactory: (adapterHost: HttpAdapterHost, modules: ModulesContainer, moduleRef: ModuleRef) =>
      FeatureApplications.create({ adapterHost, modules, moduleRef }),
  },
  {
    provide: PoolService,
    inject: [
      HTTP_POOL_OPTIONS,
      HttpAdapterHost,
      ModulesContainer,
      ModuleRef,
      FeatureApplications,
      ApplicationRoutes,
      HTTP_POOL_REWRITE,
      HTTP_POOL_METRICS,
    ],
    useFactory: (
      input: unknown,
      adapterHost: HttpAdapterHost,
      modules: ModulesContainer,
      moduleRef: ModuleRef,
      features: FeatureApplications | undefined,
      routes: ApplicationRoutes,
      rewrite: SettingsRewrite | undefined,
      metrics: LoadedMetrics | undefined,
    ) => {
      const container = containerOf(moduleRef);
      return createPoolService(input, {
        adapterHost,
        modules,
        container,
        features,
        routes,
        rewrite,
        metrics,
      });
    },
  },
  ApplicationRoutes,
  { provide: HTTP_POOL_REWRITE, useValue: undefined },
  {
    provide: HTTP_POOL_METRICS,
    inject: [HTTP_POOL_OPTIONS],
    useFactory: (input: unknown) => loadApplicationMetrics(input),
  },
  // Stateless; a provider of our own, so that TerminusModule need not be imported for the pool.
  HealthIndicatorService,
  PoolHealthIndicator,
];

/**
 * Many HTTP servers in one Nest application: import it once, by {@link HttpPoolModule.forRoot} or
 * {@link HttpPoolModule.forRootAsync}. Gives {@link PoolService}, {@link PoolHealthIndicator} and,
 * by {@link InjectServer}, each server.
 */
@Module({})
export class HttpPoolModule extends ConfigurableModuleClass implements NestModule, OnModuleInit {
  /** Called by Nest. */
  constructor(
    @Optional() @Inject(FeatureApplications) private readonly features?: FeatureApplications,
    @Optional() @Inject(ApplicationRoutes) private readonly routes?: ApplicationRoutes,
  ) {
    super();
  }

  /** Called by Nest while it sets up middleware, which is when it goes on to make its routes. */
  configure(): void {
    this.features?.beginRouting();
  }

  /** Called by Nest when it has made its routes, and by a microservice at any time. */
  onModuleInit(): void {
    if (this.routes?.areWatched) return;
    this.routes?.end();
    this.features?.endRouting();
  }

  /**
   * Sets up the servers of the application. `app.listen()` is not needed: `await app.init()` brings
   * them up.
   *
   * Creating the application rejects with {@link PoolError} `ERR_POOL_VALIDATE`, which lists all
   * faults of all configs, or `ERR_POOL_PARAM_EMPTY`; its bootstrap with `ERR_POOL_START`.
   *
   * @param options The options, or only the list of the servers.
   * @throws PoolError `ERR_POOL_VALIDATE` for options that can't be read
   * @example
   * HttpPoolModule.forRoot([{ name: 'public', listen: ':8080' }, { name: 'admin', listen: ':9090' }])
   */
  static override forRoot(options: ServerOptions[] | HttpPoolModuleOptions): DynamicModule {
    // Nest copies them at once.
    return readingOptions('forRoot', () =>
      withProviders(super.forRoot(options), isGlobalOf(options)),
    );
  }

  /**
   * As {@link HttpPoolModule.forRoot}, with options that other providers have a part in. The
   * factory may return the options or only the list of the servers.
   *
   * @example
   * HttpPoolModule.forRootAsync({
   *   inject: [ConfigService],
   *   useFactory: (config: ConfigService) => config.getOrThrow('servers'),
   * })
   * @throws PoolError `ERR_POOL_PARAM_EMPTY` without options, `ERR_POOL_VALIDATE` with all faults of those that are not valid
   */
  static override forRootAsync(options: HttpPoolModuleAsyncOptions): DynamicModule {
    const { isGlobal = true, ...rest } = readAsyncOptions(options);
    return withProviders(super.forRootAsync(rest as never), isGlobal);
  }

  /**
   * Binds controllers to the named server, or servers, only: their routes exist on no other, the
   * application's own included. They live in the application's one container, with its guards,
   * pipes, interceptors, filters, middleware and lifecycle hooks.
   *
   * A name that no configured server has fails the bootstrap with `ERR_POOL_VALIDATE`, and so do a
   * server with a `handlerKey` and an application without {@link HttpPoolModule.forRoot}.
   *
   * @throws PoolError `ERR_POOL_PARAM_EMPTY` without a server, or without `controllers`, `modules` and `setup`;
   *   `ERR_POOL_VALIDATE` with all faults of options that are not valid
   */
  static forFeature(options: HttpPoolFeatureOptions): DynamicModule {
    return createFeatureModule(options);
  }
}

/** Getters, for the names are those asked for by all classes that are loaded until Nest reads them. */
function withProviders(definition: DynamicModule, global: boolean): DynamicModule {
  return {
    ...definition,
    global,
    get providers() {
      return [...(definition.providers ?? []), ...PROVIDERS, ...serverProviders()];
    },
    get exports() {
      return [PoolService, PoolHealthIndicator, ...serverProviders().map(({ provide }) => provide)];
    },
  };
}

function isGlobalOf(options: unknown): boolean {
  return (options as Partial<HttpPoolModuleOptions> | null | undefined)?.isGlobal !== false;
}
