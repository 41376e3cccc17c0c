import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { PrometheusController, PrometheusModule } from '@willsoto/nestjs-prometheus';
import { HttpPoolModule } from 'nestjs-http-pool';
import { HealthController } from './health.controller.js';
import { InfoController } from './info.controller.js';
import { ServerMetrics } from './server-metrics.js';

/** /health, /metrics and /info answer on the management server, and are 404 on the public one. */
@Module({
  imports: [
    // Its own controller would be served by the application, and so by the public server.
    { ...PrometheusModule.register(), controllers: [] },
    HttpPoolModule.forFeature({
      server: 'management',
      imports: [TerminusModule.forRoot({ logger: false })],
      controllers: [HealthController, InfoController, PrometheusController],
    }),
  ],
  providers: [ServerMetrics],
})
export class ManagementModule {}
