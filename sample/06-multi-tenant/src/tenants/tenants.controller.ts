import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { CreateTenantDto } from './create-tenant.dto.js';
import { TenantsService, type Tenant } from './tenants.service.js';

@Controller('tenants')
export class TenantsController {
  constructor(private readonly tenants: TenantsService) {}

  @Get()
  list(): Tenant[] {
    return this.tenants.list();
  }

  @Post()
  create(@Body() tenant: CreateTenantDto): Promise<Tenant> {
    return this.tenants.create(tenant);
  }

  /** Answers when the server of the tenant has drained. */
  @Delete(':name')
  @HttpCode(204)
  remove(@Param('name') name: string): Promise<void> {
    return this.tenants.remove(name);
  }
}
