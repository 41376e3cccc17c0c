export type { Duration } from './config/duration.js';
export { ServerConfig } from './config/server.config.js';
export type { CertificateOptions, TlsOptions } from './config/options/tls.js';
export type { MonitorOptions } from './config/options/monitor.js';
export type { RestartOptions } from './config/options/restart.js';
export type { ServerOptions } from './config/server.config.js';
export type { ShutdownOptions } from './config/options/shutdown.js';
export { PoolError, PoolErrorCode } from './errors/pool.error.js';
export { ServerError, ServerErrorCode, type ConfigIssue } from './errors/server.error.js';
export type { Handler, HandlerEntry, HandlerSource, SocketListener } from './handler/handler.js';
export { PoolHealthIndicator, type PoolHealthOptions } from './health/pool.health-indicator.js';
export { HttpPoolModule } from './http-pool.module.js';
export type {
  HttpPoolFeatureOptions,
  HttpPoolModuleAsyncOptions,
  HttpPoolModuleInput,
  HttpPoolModuleOptions,
  HttpPoolOptionsFactory,
  StartFailureMode,
} from './http-pool.options.js';
export { InjectServer, getServerToken } from './inject-server.decorator.js';
export type { DashboardOptions, ManagementOptions } from './management/management.config.js';
export type { MetricsMeter, MetricsOptions, MetricsRegistry } from './metrics/metrics.options.js';
export type { HealthStatus, MonitorReport } from './monitor/monitor-report.js';
export { Pool } from './pool/pool.js';
export type {
  ApplyOptions,
  CloneOptions,
  RestartAllOptions,
  StartAllOptions,
  StopAllOptions,
} from './pool/group.options.js';
export type { PoolOptions } from './pool/pool.options.js';
export { readServersFile } from './config/input/read-servers-file.js';
export { PoolConfig } from './pool/pool-config.js';
export type { PlanAction, PlanStep, PoolPlan } from './pool/apply/apply-plan.js';
export type { PoolEvent } from './pool/members/pool-event.js';
export type { PoolStats } from './pool/pool-stats.js';
export { PoolService } from './pool.service.js';
export { Server } from './server.decorator.js';
export { ServerField } from './pool/members/server-query.js';
export type { ChangeKind } from './server/endpoint/change-kind.js';
export type { CutCounts } from './server/drain/cut.js';
export type { BoundAddress } from './config/address/bound-address.js';
export type { PoolLogger } from './server/log/pool-logger.js';
export { PooledServer } from './server/pooled-server.js';
export type { PooledServerOptions } from './server/pooled-server.options.js';
export type { CertificateStats, ServerStats } from './server/server-stats.js';
export { isPortFree, isPortInUse } from './server/listener/port-in-use.js';
export { serverOf } from './server/server-of.js';
export type { DrainReport, ServerState } from './server/server-state.js';
export type { DefaultTls } from './tls/default-tls.js';
