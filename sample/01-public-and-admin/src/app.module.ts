import { Module, ValidationPipe } from '@nestjs/common';
import { APP_PIPE } from '@nestjs/core';
import { HttpPoolModule } from 'nestjs-http-pool';
import { AdminModule } from './admin/admin.module.js';
import { NotesModule } from './notes/notes.module.js';
import { serversFrom } from './servers.js';

@Module({
  imports: [
    HttpPoolModule.forRoot({
      servers: serversFrom(process.env),
      // One taken port does not keep the others from serving; /health tells of it.
      onStartFailure: 'continue',
    }),
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
