import { Controller, Get } from '@nestjs/common';

/** Of its routes one is to be guarded by its path, and one is open to all. */
@Controller()
export class AdminController {
  @Get('admin/users')
  users(): string {
    return 'users';
  }

  @Get('open')
  open(): string {
    return 'open';
  }
}

/** Middleware that lets nobody in. */
export function auth(
  _request: unknown,
  response: { statusCode: number; end(text: string): void },
): void {
  response.statusCode = 401;
  response.end('who are you?');
}
