import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { HttpPoolModule } from 'nestjs-http-pool';
import { NotesModule } from '../notes/notes.module.js';
import { AdminNotesController } from './admin-notes.controller.js';
import { HealthController } from './health.controller.js';

/** The admin server has a /notes of its own, and nothing of what the public one serves. */
@Module({
  imports: [
    HttpPoolModule.forFeature({
      server: 'admin',
      imports: [TerminusModule.forRoot({ logger: false }), NotesModule],
      controllers: [AdminNotesController, HealthController],
      // Hooks and plugins that are given here are not on the public server.
      setup: (admin: NestFastifyApplication) => {
        const fastify = admin.getHttpAdapter().getInstance();
        fastify.addHook('onSend', async (_request, reply) => {
          reply.header('cache-control', 'no-store');
        });
      },
    }),
  ],
})
export class AdminModule {}
