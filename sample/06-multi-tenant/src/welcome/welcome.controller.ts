import { Controller, Get } from '@nestjs/common';
import { Server, type PooledServer } from 'nestjs-http-pool';

@Controller()
export class WelcomeController {
  /** The tenant is known by the server that accepted the connection, whatever the headers say. */
  @Get()
  welcome(@Server() tenant: PooledServer): { tenant: string; message: string } {
    return { tenant: tenant.name, message: `Welcome to ${tenant.name}` };
  }
}
