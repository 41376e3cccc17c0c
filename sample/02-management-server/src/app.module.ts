import { Module } from '@nestjs/common';
import { HttpPoolModule } from 'nestjs-http-pool';
import { GreetingController } from './greeting/greeting.controller.js';

const { PUBLIC_LISTEN = '127.0.0.1:3020', MANAGEMENT_LISTEN = '127.0.0.1:3021' } = process.env;

@Module({
  imports: [
    HttpPoolModule.forRoot({
      servers: [{ name: 'public', listen: PUBLIC_LISTEN, monitor: { path: '/greeting/probe' } }],
      management: MANAGEMENT_LISTEN,
    }),
  ],
  controllers: [GreetingController],
})
export class AppModule {}
