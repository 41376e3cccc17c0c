import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { SpanKind } from '@opentelemetry/api';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { ca, localhost } from '../support/certificates.js';

/** What the child writes. */
interface Traced {
  /** By server, the id of the span that its handler ran in. */
  readonly active: Readonly<Record<string, string>>;
  readonly spans: readonly {
    readonly kind: SpanKind;
    readonly path: string;
    readonly scheme: string;
    readonly status: number;
    readonly id: string;
  }[];
}

const script = fileURLToPath(new URL('children/traced.mjs', import.meta.url));

/** In a process of its own: the instrumentation must be there before node:http is used. */
async function traced(platform: string): Promise<Traced> {
  const env = { ...process.env, CA: ca.cert, CERT: localhost.cert, KEY: localhost.key };
  const { stdout } = await promisify(execFile)(process.execPath, [script, platform], { env });
  return JSON.parse(stdout) as Traced;
}

describe.each(['express', 'fastify'])('with the instrumentation of node:http on %s', (platform) => {
  let result: Traced;
  beforeAll(async () => {
    result = await traced(platform);
  }, 30_000);

  it.each([
    ['http', 'http'],
    ['https', 'https'],
    ['unix', 'http'],
    ['registry', 'http'],
    ['registry-https', 'https'],
    ['feature', 'http'],
    ['feature-https', 'https'],
    // Without a pool these would be none: it patches the servers of node:http and node:https.
    ['h2c', 'http'],
    ['h2', 'https'],
    ['h2-fallback', 'https'],
  ])('a request on %s is one server span, which its handler runs in', (server, scheme) => {
    const { active, spans } = result;
    expect(spans.filter(({ path }) => path === `/${server}`)).toEqual([
      { kind: SpanKind.SERVER, path: `/${server}`, scheme, status: 200, id: active[server] },
    ]);
  });

  it('there is no other span', () => {
    expect(result.spans.length).toBe(10);
  });
});
