import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { HttpPoolModule } from 'nestjs-http-pool';
import { HealthController } from './health.controller.js';
import { ServersController } from './servers.controller.js';

/** These controllers answer on the admin server and are 404 on the public one. */
@Module({
  imports: [
    HttpPoolModule.forFeature({
      server: 'admin',
      imports: [TerminusModule.forRoot({ logger: false })],
      controllers: [HealthController, ServersController],
    }),
  ],
})
export class AdminModule {}
