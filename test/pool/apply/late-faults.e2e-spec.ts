import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { PoolErrorCode, type PoolError } from '../../../lib/index.js';
import { localhost, tls } from '../../support/certificates.js';
import { failure } from '../../support/events.js';
import { says } from '../../support/handlers.js';
import { text } from '../../support/http-client.js';
import { RawClient, refusal } from '../../support/raw-client.js';
import { expectUnchanged, snapshot } from '../../support/snapshot.js';
import { RunningPools, on } from '../support/running-pools.js';

const { ERR_POOL_START, ERR_POOL_VALIDATE } = PoolErrorCode;

describe('apply with a fault that shows late', () => {
  const opened = new RunningPools({ default: says('first'), second: says('second') });
  afterEach(() => opened.closeAll());

  it('names the server whose certificate files are gone since they were read', async () => {
    const folder = await opened.folder();
    const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
    await writeFile(files.cert, localhost.cert);
    await writeFile(files.key, localhost.key);
    const pool = opened.pool();
    const list = [on('a', { tls: { certs: [files] } })];
    await pool.apply(list);
    await pool.start();
    await rm(files.key);
    const was = snapshot(pool);
    const error = await failure<PoolError>(pool.apply(list));
    expect(error.code).toBe(ERR_POOL_VALIDATE);
    expect(error.message).toContain(files.key);
    expectUnchanged(pool, was);
    expect(await text(pool.get('a')?.url?.replace('127.0.0.1', 'localhost'))).toBe('first');
  });

  it('names the server whose default TLS can no longer be had', async () => {
    let sealed = false;
    const pool = opened.pool({
      tls: () => (sealed ? Promise.reject(new Error('the vault is sealed')) : tls),
    });
    const list = [on('a', { tls: { inheritDefault: true } }), on('b')];
    await pool.apply(list);
    await pool.start();
    sealed = true;
    const was = snapshot(pool);
    for (const next of [list, [...list, on('c', { tls: { inheritDefault: true } })]]) {
      const error = await failure<PoolError>(pool.apply(next));
      expect(error.code).toBe(ERR_POOL_START);
      expect(error.message).toContain('the vault is sealed');
      expect(error.errors.map(({ server }) => server)).toContain('a');
    }
    expectUnchanged(pool, was);
  });

  it('lets go of who had connected to an address that was given up', async () => {
    const { listen, free } = await opened.takenPort();
    await free();
    let early: Promise<RawClient> | undefined;
    const pool = opened.pool({
      tls: async () => {
        // Asked for while the plan is staged, when the other address is bound already.
        early ??= connectWhenBound(listen);
        await early;
        throw new Error('the vault is sealed');
      },
    });
    await pool.apply([]);
    await pool.start();
    const list = [on('early', { listen }), on('late', { tls: { inheritDefault: true } })];
    await failure(pool.apply(list));
    const client = await early;
    await client?.closed;
    expect(pool.len()).toBe(0);
    expect(await refusal(`http://${listen}`)).toBe('ECONNREFUSED');
  });
});

async function connectWhenBound(listen: string): Promise<RawClient> {
  for (;;) {
    const client = await RawClient.connect(`http://${listen}`).catch(() => undefined);
    if (client) return client;
  }
}
