// Serves one application on every kind of server under the real instrumentation of node:http, asks
// each once, and writes what came back and every span: `node traced.mjs express|fastify`.
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { trace } from '@opentelemetry/api';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';

const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
provider.register();
registerInstrumentations({
  instrumentations: [new HttpInstrumentation({ disableOutgoingRequestInstrumentation: true })],
});
// It patches what is loaded by require; the prototypes that it patches are those that import gets.
const require = createRequire(import.meta.url);
const { request: httpRequest } = require('node:http');
const { request: httpsRequest } = require('node:https');
const { connect } = require('node:http2');

await import('reflect-metadata');
const { Controller, Get, Module, Param } = await import('@nestjs/common');
const { NestFactory } = await import('@nestjs/core');
const { HttpPoolModule, PoolService } = await import('../../../dist/index.js');

const [, , platform] = process.argv;
const [cert, key] = [process.env.CERT, process.env.KEY];

/** The id of the span that the handler runs in. */
const activeSpan = () => trace.getActiveSpan()?.spanContext().spanId ?? 'none';

class WhereController {
  where() {
    return activeSpan();
  }
}
class FeatureController extends WhereController {}
const { prototype } = WhereController;
Get(':server')(prototype, 'where', Object.getOwnPropertyDescriptor(prototype, 'where'));
Param('server')(prototype, 'where', 0);
for (const controller of [WhereController, FeatureController]) Controller()(controller);

const listen = '127.0.0.1:0';
const tls = { certs: [{ cert, key }] };
const socketPath = join(tmpdir(), `traced-${process.pid}.sock`);
const servers = [
  { name: 'http', listen },
  { name: 'https', listen, tls },
  { name: 'unix', listen: `unix:${socketPath}` },
  { name: 'registry', listen, handlerKey: 'plain' },
  { name: 'registry-https', listen, handlerKey: 'plain', tls },
  { name: 'feature', listen },
  { name: 'feature-https', listen, tls },
];
// Express speaks no HTTP/2.
const handlerKey = platform === 'express' ? 'plain' : '';
const http2 = [
  { name: 'h2c', listen, handlerKey, protocol: 'http2' },
  { name: 'h2', listen, handlerKey, protocol: 'http2', tls },
  { name: 'h2-fallback', listen, handlerKey, protocol: 'http2', tls },
];
const handlers = () => ({ plain: (_request, response) => response.end(activeSpan()) });

class AppModule {}
Module({
  imports: [
    HttpPoolModule.forRoot({ servers: [...servers, ...http2], handlers }),
    HttpPoolModule.forFeature({
      server: ['feature', 'feature-https'],
      controllers: [FeatureController],
    }),
  ],
  controllers: [WhereController],
})(AppModule);

async function create() {
  const options = { logger: ['error'] };
  if (platform === 'express') return NestFactory.create(AppModule, options);
  const { FastifyAdapter } = await import('@nestjs/platform-fastify');
  return NestFactory.create(AppModule, new FastifyAdapter(), options);
}

async function ask({ name, protocol }, url = 'http://localhost') {
  const path = `/${name}`;
  if (protocol === 'http2' && name !== 'h2-fallback') {
    const session = connect(url, { ca: process.env.CA });
    const stream = session.request({ ':path': path });
    const body = (await stream.toArray()).join('');
    session.close();
    return body;
  }
  const request = url.startsWith('https') ? httpsRequest : httpRequest;
  const to = { agent: false, ca: process.env.CA, ...(name === 'unix' && { socketPath }) };
  const [response] = await once(request(new URL(path, url), to).end(), 'response');
  return (await response.toArray()).join('');
}

const app = await create();
await app.init();
const pool = app.get(PoolService);
const active = {};
for (const server of [...servers, ...http2]) {
  active[server.name] = await ask(server, pool.get(server.name).url);
}
// By then every answer is closed, and with it its span.
await app.close();
const spans = exporter.getFinishedSpans().map((span) => {
  const { kind, attributes } = span;
  return {
    kind,
    path: attributes['http.target'] ?? attributes['url.path'],
    scheme: attributes['http.scheme'] ?? attributes['url.scheme'],
    status: attributes['http.status_code'] ?? attributes['http.response.status_code'],
    id: span.spanContext().spanId,
  };
});
process.stdout.write(JSON.stringify({ active, spans }));
