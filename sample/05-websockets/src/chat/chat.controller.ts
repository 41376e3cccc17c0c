import { Controller, Get, Header } from '@nestjs/common';
import { CHAT_PAGE } from './chat.page.js';

@Controller()
export class ChatController {
  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  page(): string {
    return CHAT_PAGE;
  }
}
