import { Module } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { HttpPoolModule, PoolService } from 'nestjs-http-pool';
import { makeCertificate } from './certificate.js';
import { redirectTo } from './redirect.js';
import { WhereController } from './where.controller.js';

const { HTTP_LISTEN = '127.0.0.1:3080', HTTPS_LISTEN = '127.0.0.1:3443' } = process.env;

@Module({
  imports: [
    HttpPoolModule.forRootAsync({
      inject: [ModuleRef],
      useFactory: async (moduleRef: ModuleRef) => ({
        servers: [
          { name: 'http', listen: HTTP_LISTEN, handlerKey: 'redirect' },
          { name: 'https', listen: HTTPS_LISTEN, tls: { certs: [await makeCertificate()] } },
        ],
        handlers: () => ({
          // Asked for at each request: the pool is made from what this factory returns.
          redirect: redirectTo(() => moduleRef.get(PoolService).get('https')!.expose),
        }),
      }),
    }),
  ],
  controllers: [WhereController],
})
export class AppModule {}
