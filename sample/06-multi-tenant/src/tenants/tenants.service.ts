import { ConflictException, Injectable, NotFoundException } from '@nestjs/common';
import {
  InjectServer,
  PooledServer,
  PoolService,
  ServerError,
  ServerErrorCode,
  ServerField,
} from 'nestjs-http-pool';
import type { CreateTenantDto } from './create-tenant.dto.js';

export interface Tenant {
  name: string;
  url: string | undefined;
}

/** A tenant is a server of the pool: there is no list beside it that could disagree. */
@Injectable()
export class TenantsService {
  constructor(
    private readonly pool: PoolService,
    @InjectServer('admin') private readonly admin: PooledServer,
  ) {}

  list(): Tenant[] {
    return [...this.pool].filter((server) => server !== this.admin).map(toTenant);
  }

  async create({ name, port }: CreateTenantDto): Promise<Tenant> {
    const listen = `127.0.0.1:${port ?? 0}`;
    if (this.pool.get(name)) throw new ConflictException(`The name '${name}' is taken`);
    // storeNew would have the new server replace the one on the same address.
    if (port && this.pool.has(listen)) throw new ConflictException(`Port ${port} is taken`);
    try {
      return toTenant(await this.pool.storeNew({ name, listen }, { start: true }));
    } catch (error) {
      if (error instanceof ServerError && error.code === ServerErrorCode.ERR_SERVER_PORT_IN_USE) {
        // By another process, or by a removed tenant that still drains.
        throw new ConflictException(`Port ${port} is taken`, { cause: error });
      }
      throw error;
    }
  }

  async remove(name: string): Promise<void> {
    const server = this.pool.get(name);
    if (!server || server === this.admin) {
      throw new NotFoundException(`There is no tenant '${name}'`);
    }
    // Not by its bind address, which is the same for all on port 0.
    await this.pool.filter(ServerField.Name, name).clean();
  }
}

function toTenant({ name, url }: PooledServer): Tenant {
  return { name, url };
}
