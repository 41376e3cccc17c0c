import { describe, expect, it } from '@jest/globals';
import { plainToInstance, Type } from 'class-transformer';
import { IsString, validateSync, ValidateNested } from 'class-validator';
import { readServerOptions } from './input/read-server-options.js';
import { RestartConfig } from './options/restart.js';
import { ServerConfig } from './server.config.js';
import { CertificateConfig } from './options/tls.js';

class AppConfig {
  @ValidateNested({ each: true })
  @Type(() => ServerConfig)
  servers!: ServerConfig[];
}

class TeamServer extends ServerConfig {
  @IsString()
  team!: string;
}

const FULL = {
  name: 'admin',
  listen: ':8080',
  tls: { certs: [{ cert: '/c', key: '/k' }] },
  restart: { delay: '1s' },
  monitor: { data: { a: 1 } },
  shutdown: {},
};

describe('ServerConfig in a DTO of an application', () => {
  it('is transformed to its classes and validated', () => {
    const config = plainToInstance(AppConfig, { servers: [FULL, { ...FULL, restart: false }] });
    expect(validateSync(config, { whitelist: true, forbidNonWhitelisted: true })).toEqual([]);
    expect(config.servers[0]?.restart).toBeInstanceOf(RestartConfig);
    expect(config.servers[0]?.tls?.certs?.[0]).toBeInstanceOf(CertificateConfig);
    expect(config.servers[1]?.restart).toBe(false);
    expect(readServerOptions(config.servers[0]).issues).toEqual([]);
  });

  it('names the field and what would be right, and hides secrets', () => {
    const config = plainToInstance(AppConfig, {
      servers: [{ ...FULL, maxHandlers: '5', tls: { certs: [{ cert: '/c', key: 1234 }] } }],
    });
    const text = validateSync(config)
      .map((error) => error.toString(false, false, '', true))
      .join();
    expect(text).toContain("maxHandlers: got the string '5', give the number 5");
    expect(text).toContain('key: got a number (hidden), give PEM text');
    expect(text).not.toContain('1234');
  });

  it('may be extended by decorated fields, which the pool ignores', () => {
    const server = plainToInstance(TeamServer, { ...FULL, team: 'blue' });
    expect(validateSync(server)).toEqual([]);
    const { settings, issues } = readServerOptions(server);
    expect(issues).toEqual([]);
    expect(settings?.options).not.toHaveProperty('team');
    expect(readServerOptions({ ...FULL, team: 'blue' }).issues).toHaveLength(1);
  });
});
