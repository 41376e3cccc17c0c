import { Module } from '@nestjs/common';
import { HttpPoolModule } from 'nestjs-http-pool';
import { TenantsController } from './tenants.controller.js';
import { TenantsService } from './tenants.service.js';

/** /tenants answers on the admin server and is 404 on those of the tenants. */
@Module({
  imports: [
    HttpPoolModule.forFeature({
      server: 'admin',
      controllers: [TenantsController],
      providers: [TenantsService],
    }),
  ],
})
export class TenantsModule {}
