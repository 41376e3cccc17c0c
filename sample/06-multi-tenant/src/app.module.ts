import { Module, ValidationPipe } from '@nestjs/common';
import { APP_PIPE } from '@nestjs/core';
import { HttpPoolModule } from 'nestjs-http-pool';
import { TenantsModule } from './tenants/tenants.module.js';
import { WelcomeController } from './welcome/welcome.controller.js';

const { ADMIN_LISTEN = '127.0.0.1:3060' } = process.env;

@Module({
  imports: [
    // The servers of the tenants come later, by the admin API.
    HttpPoolModule.forRoot([{ name: 'admin', listen: ADMIN_LISTEN, shutdown: { last: true } }]),
    TenantsModule,
  ],
  // Served by every server without controllers of its own: those of the tenants.
  controllers: [WelcomeController],
  providers: [
    {
      provide: APP_PIPE,
      useValue: new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true }),
    },
  ],
})
export class AppModule {}
