import { Module } from '@nestjs/common';
import { HttpPoolModule } from 'nestjs-http-pool';
import { certificateIn } from './certificate.js';
import { WhereController } from './where.controller.js';

const {
  HTTP_LISTEN = '127.0.0.1:3080',
  HTTPS_LISTEN = '127.0.0.1:3443',
  CERTIFICATES = '/tmp/sample-03',
} = process.env;

@Module({
  imports: [
    HttpPoolModule.forRootAsync({
      useFactory: async () => ({
        servers: [
          { name: 'http', listen: HTTP_LISTEN, redirectTo: 'https' },
          {
            name: 'https',
            listen: HTTPS_LISTEN,
            tls: { certs: [await certificateIn(CERTIFICATES)], watch: true },
          },
        ],
      }),
    }),
  ],
  controllers: [WhereController],
})
export class AppModule {}
