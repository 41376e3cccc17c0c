/**
 * What a compiler must take of an application: compiled with `exactOptionalPropertyTypes`, where a value that is
 * given on a condition is refused unless the option says `undefined`, and without `skipLibCheck`.
 */
import { Module } from '@nestjs/common';
import {
  HttpPoolModule,
  isPortFree,
  isPortInUse,
  Pool,
  PoolConfig,
  PooledServer,
  ServerField,
  type ApplyOptions,
  type CloneOptions,
  type Handler,
  type HttpPoolFeatureOptions,
  type HttpPoolModuleOptions,
  type ManagementOptions,
  type MetricsOptions,
  type PooledServerOptions,
  type PoolHealthIndicator,
  type PoolOptions,
  type PoolPlan,
  type RestartAllOptions,
  type ServerOptions,
  type StartAllOptions,
  type StopAllOptions,
  type TlsOptions,
} from 'nestjs-http-pool';

export * from 'nestjs-http-pool';
export { ephemeralServers } from 'nestjs-http-pool/testing';

declare const isProduction: boolean;

/** As an application gives a value on a condition. */
const inProduction = <const Value>(value: Value): Value | undefined =>
  isProduction ? value : undefined;

@Module({})
class OtherModule {}

const signal = inProduction(new AbortController().signal);
const timeout = inProduction('5s');
const logger = inProduction(console);
const handler: Handler = {
  request: () => undefined,
  upgrade: inProduction(() => undefined),
  connect: inProduction(() => undefined),
  checkContinue: inProduction(() => undefined),
  checkExpectation: inProduction(() => undefined),
  clientError: inProduction(() => undefined),
  express: inProduction(true),
};
const handlers = inProduction(() => ({ default: handler }));

const options: ServerOptions = {
  name: 'web',
  listen: ':8080',
  expose: inProduction('https://example.com'),
  handlerKey: inProduction('api'),
  disabled: inProduction(true),
  tlsMandatory: inProduction(true),
  protocol: inProduction('http2'),
  readTimeout: timeout,
  maxHandlers: inProduction(10),
  minRequestRate: inProduction({ bytesPerSecond: 240, grace: timeout }),
  overload: inProduction({ eventLoopDelay: '1s', retryAfter: inProduction(5) }),
  proxyProtocol: inProduction('required'),
  shutdown: inProduction({ delay: timeout, timeout, last: inProduction(true) }),
  restart: inProduction({ retries: inProduction(3), onDown: inProduction(true) }),
  monitor: inProduction({ path: inProduction('/'), checkTimeout: timeout }),
  tls: inProduction({
    authClient: inProduction('require'),
    inheritDefault: inProduction(true),
    watch: inProduction(true),
    expiryWarning: timeout,
  }),
};
const tls: TlsOptions | undefined = inProduction({ inheritDefault: true });
const management: ManagementOptions = {
  ...options,
  info: inProduction({ commit: 'abc' }),
  dashboard: inProduction({ actions: inProduction(() => true) }),
};
const metrics: MetricsOptions = {
  registry: undefined,
  meter: undefined,
  durationBuckets: inProduction([0.1, 1]),
};
const moduleOptions: HttpPoolModuleOptions = {
  servers: [options],
  handlers,
  tls,
  defaults: inProduction({ readTimeout: timeout }),
  isGlobal: inProduction(true),
  autoStart: inProduction(false),
  onStartFailure: inProduction('continue'),
  signal,
  management: inProduction(management),
  metrics: inProduction(metrics),
  logTable: inProduction(true),
};
const featureOptions: HttpPoolFeatureOptions = {
  server: 'web',
  controllers: isProduction ? [] : undefined,
  modules: isProduction ? [OtherModule] : undefined,
  imports: isProduction ? [OtherModule] : undefined,
  providers: isProduction ? [] : undefined,
  exports: isProduction ? [] : undefined,
  inherit: inProduction(true),
  setup: isProduction ? (application) => application.use(() => undefined) : undefined,
};
export const modules = [
  HttpPoolModule.forRoot(moduleOptions),
  HttpPoolModule.forFeature(featureOptions),
  HttpPoolModule.forRootAsync({
    imports: isProduction ? [OtherModule] : undefined,
    inject: isProduction ? [OtherModule] : undefined,
    useFactory: isProduction ? () => moduleOptions : undefined,
    useClass: undefined,
    useExisting: undefined,
    isGlobal: inProduction(true),
  }),
];

const poolOptions: PoolOptions = {
  handlers,
  tls,
  signal,
  logger,
  defaults: {},
  servers: undefined,
};
const serverOptions: PooledServerOptions = { handlers, tls, signal, logger };
const start: StartAllOptions = { signal };
const stop: StopAllOptions = { signal, timeout };
const restart: RestartAllOptions = { signal, concurrency: inProduction(2) };
const clone: CloneOptions = { signal };
const apply: ApplyOptions = { dryRun: inProduction(true), probation: timeout };

export async function callAll(indicator: PoolHealthIndicator): Promise<PoolPlan> {
  const pool = new Pool(poolOptions);
  const server = PooledServer.create(options, serverOptions);
  new PoolConfig([options]).pool({ signal, handler: handlers, logger });
  await pool.storeNew(options, { start: inProduction(true) });
  await pool.start(start);
  await pool.restart(restart);
  pool.clone(clone).filter(ServerField.Name, inProduction('web'), inProduction(/web/));
  await pool.monitor(inProduction('1.0'));
  await server.monitor(inProduction('1.0'), { signal });
  await server.healthCheck({ signal });
  await server.stop({ timeout });
  await indicator.check('web', 'web', { timeout });
  await indicator.checkPool('pool', { timeout });
  await pool.stop(stop);
  await isPortFree(':1', { timeout });
  await isPortInUse(':1', { timeout });
  return pool.apply([options], apply);
}
