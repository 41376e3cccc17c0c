import { UsePipes, ValidationPipe, type ValidationError } from '@nestjs/common';
import {
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  WebSocketServer,
  WsException,
} from '@nestjs/websockets';
import { Server, type PooledServer } from 'nestjs-http-pool';
import { WebSocket, type WebSocketServer as Clients } from 'ws';
import { SayDto } from './say.dto.js';

@WebSocketGateway({ path: '/chat' })
export class ChatGateway {
  @WebSocketServer()
  private readonly all!: Clients;

  /** Tells all clients, whichever server they came by. */
  @SubscribeMessage('say')
  @UsePipes(new ValidationPipe({ exceptionFactory: toWsException }))
  say(@MessageBody() { text }: SayDto, @Server() server: PooledServer): void {
    const message = JSON.stringify({ event: 'said', data: { text, server: server.name } });
    for (const client of this.all.clients) {
      if (client.readyState === WebSocket.OPEN) client.send(message);
    }
  }
}

/** The exceptions of HTTP are unknown to a gateway, which answers them with an internal error. */
function toWsException(errors: ValidationError[]): WsException {
  const messages = errors.flatMap(({ constraints = {} }) => Object.values(constraints));
  return new WsException(messages.join(', '));
}
