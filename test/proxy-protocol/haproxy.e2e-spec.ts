import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Controller, Get, Ip, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HttpPoolModule, PoolService } from '../../lib/index.js';
import { localhost } from '../support/certificates.js';
import { LOOPBACK } from '../support/handlers.js';
import { Opened } from '../support/opened.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

@Controller()
class IpController {
  @Get('ip')
  ip(@Ip() ip: string): string {
    return ip;
  }
}

/** A real HAProxy in front of a server, on a socket that is bound here: nobody can take its port before it listens. */
async function balance(port: number, send: string): Promise<number> {
  const folder = await opened.folder();
  const bound = createServer().listen(0, '127.0.0.1');
  await once(bound, 'listening');
  const { port: front } = bound.address() as AddressInfo;
  const { fd } = (bound as unknown as { _handle: { fd: number } })._handle;
  const file = join(folder, 'haproxy.cfg');
  await writeFile(
    file,
    `
defaults
  mode tcp
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend in
  bind fd@3
  default_backend out
backend out
  server a 127.0.0.1:${port} ${send}
`,
  );
  const child = spawn('haproxy', ['-db', '-f', file], {
    stdio: ['ignore', 'ignore', 'inherit', fd],
  });
  bound.close();
  opened.onClose(async () => {
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  await once(child, 'spawn');
  return front;
}

async function ask(port: number, localAddress: string, secure: boolean): Promise<string> {
  const { get: getSecure } = await import('node:https');
  const options = { port, host: '127.0.0.1', localAddress, path: '/ip', agent: false } as const;
  const request = secure ? getSecure({ ...options, rejectUnauthorized: false }) : get(options);
  const [response] = (await once(request, 'response')) as [AsyncIterable<Buffer>];
  let text = '';
  for await (const chunk of response) text += chunk.toString();
  return text;
}

describe.each(['express', 'fastify'])('behind a real HAProxy, on %s', (adapter) => {
  it.each([
    ['send-proxy', false],
    ['send-proxy-v2', false],
    ['send-proxy', true],
    ['send-proxy-v2', true],
  ])('the application sees the client by %s (TLS: %p)', async (send, secure) => {
    @Module({
      imports: [
        HttpPoolModule.forRoot([
          {
            name: 'public',
            listen: LOOPBACK,
            proxyProtocol: 'required',
            trustedProxies: ['127.0.0.1'],
            tls: secure ? { certs: [localhost] } : undefined,
          },
        ]),
      ],
      controllers: [IpController],
    })
    class AppModule {}
    const app =
      adapter === 'fastify'
        ? await NestFactory.create(AppModule, new FastifyAdapter(), { logger: false })
        : await NestFactory.create(AppModule, { logger: false });
    opened.onClose(() => app.close());
    await app.init();
    const { port } = app.get(PoolService).get('public')!.address as { port: number };
    const front = await balance(port, send);
    // Two clients of one balancer, told apart by the address that they come from.
    expect(await ask(front, '127.0.0.1', secure)).toBe('127.0.0.1');
    expect(await ask(front, '127.0.0.9', secure)).toBe('127.0.0.9');
  });
});
