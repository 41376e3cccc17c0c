import { Module, ValidationPipe } from '@nestjs/common';
import { APP_PIPE } from '@nestjs/core';
import { HttpPoolModule } from 'nestjs-http-pool';
import { AdminModule } from './admin/admin.module.js';
import { NotesModule } from './notes/notes.module.js';

const { PUBLIC_LISTEN = '127.0.0.1:3040', ADMIN_LISTEN = '127.0.0.1:3041' } = process.env;

@Module({
  imports: [
    HttpPoolModule.forRoot([
      { name: 'public', listen: PUBLIC_LISTEN },
      { name: 'admin', listen: ADMIN_LISTEN, shutdown: { last: true } },
    ]),
    NotesModule,
    AdminModule,
  ],
  providers: [
    {
      provide: APP_PIPE,
      useValue: new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true }),
    },
  ],
})
export class AppModule {}
