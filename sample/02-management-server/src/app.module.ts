import { Module } from '@nestjs/common';
import { HttpPoolModule } from 'nestjs-http-pool';
import { GreetingController } from './greeting/greeting.controller.js';
import { ManagementModule } from './management/management.module.js';

const { PUBLIC_LISTEN = '127.0.0.1:3020', MANAGEMENT_LISTEN = '127.0.0.1:3021' } = process.env;

@Module({
  imports: [
    HttpPoolModule.forRoot([
      { name: 'public', listen: PUBLIC_LISTEN },
      // Last, so that health and metrics tell of the others while they drain.
      { name: 'management', listen: MANAGEMENT_LISTEN, shutdown: { last: true } },
    ]),
    ManagementModule,
  ],
  controllers: [GreetingController],
})
export class AppModule {}
