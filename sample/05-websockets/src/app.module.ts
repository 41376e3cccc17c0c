import { Module } from '@nestjs/common';
import { HttpPoolModule } from 'nestjs-http-pool';
import { ChatModule } from './chat/chat.module.js';

const { PUBLIC_LISTEN = '127.0.0.1:3050', INTERNAL_LISTEN = '127.0.0.1:3051' } = process.env;

@Module({
  imports: [
    // Both serve the application, and with it the gateway: it is one chat.
    HttpPoolModule.forRoot([
      { name: 'public', listen: PUBLIC_LISTEN },
      { name: 'internal', listen: INTERNAL_LISTEN },
    ]),
    ChatModule,
  ],
})
export class AppModule {}
