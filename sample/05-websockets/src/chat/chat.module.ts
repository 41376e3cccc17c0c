import { Module } from '@nestjs/common';
import { ChatController } from './chat.controller.js';
import { ChatGateway } from './chat.gateway.js';

@Module({ controllers: [ChatController], providers: [ChatGateway] })
export class ChatModule {}
