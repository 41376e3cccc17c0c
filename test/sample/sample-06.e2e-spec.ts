import { describe, expect, it } from '@jest/globals';
import { ask } from '../support/http-client.js';
import { refusal } from '../support/raw-client.js';
import { Sample } from './support/sample.js';

describe('sample 06, a server for each tenant', () => {
  const sample = new Sample('06-multi-tenant', { ADMIN_LISTEN: '127.0.0.1:0' });

  const running = async () => {
    const { child, urls } = await sample.serve();
    const { admin } = urls;
    const call = async (method: string, path: string, tenant?: unknown) => {
      const { status, body } = await ask(`${admin}${path}`, {
        method,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(tenant),
      });
      return { status, body: body && JSON.parse(body) };
    };
    const add = (tenant: unknown) => call('POST', '/tenants', tenant);
    const list = async () => (await call('GET', '/tenants')).body;
    const remove = (name: string) => call('DELETE', `/tenants/${name}`);
    return { child, add, list, remove };
  };

  const portOf = (url: string) => Number(new URL(url).port);

  /** Another process may take a port that was free a moment ago: then it is another one. */
  const addOnPort = async (add: (tenant: unknown) => Promise<any>, name: string) => {
    for (;;) {
      const { port, free } = await sample.opened.takenPort();
      await free();
      const { status, body } = await add({ name, port });
      if (status === 201) return body;
      expect(status).toBe(409);
    }
  };

  it('answers on the server of each tenant as that tenant, whatever the Host header', async () => {
    const { add, list } = await running();
    const tenants = [await add({ name: 'acme' }), await add({ name: 'globex' })];
    expect(tenants.map(({ status }) => status)).toEqual([201, 201]);
    expect(await list()).toEqual(tenants.map(({ body }) => body));
    for (const { body } of tenants) {
      const answer = await ask(body.url, { headers: { host: new URL(tenants[0]!.body.url).host } });
      expect(JSON.parse(answer.body)).toEqual({
        tenant: body.name,
        message: `Welcome to ${body.name}`,
      });
      expect((await ask(`${body.url}/tenants`)).status).toBe(404);
    }
  });

  it('takes a tenant and its port away, and leaves the others alone', async () => {
    const { add, list, remove } = await running();
    const [acme, globex] = [await add({ name: 'acme' }), await add({ name: 'globex' })];
    expect((await remove('acme')).status).toBe(204);
    expect(await refusal(acme.body.url)).toBe('ECONNREFUSED');
    expect(await list()).toEqual([globex.body]);
    expect((await ask(globex.body.url)).status).toBe(200);
    expect((await add({ name: 'acme' })).status).toBe(201);
  });

  it('refuses names and ports that are taken with 409, and changes nothing', async () => {
    const { add, list } = await running();
    const acme = await addOnPort(add, 'acme');
    const { body: globex } = await add({ name: 'globex' });
    const conflict = (message: string) => ({ status: 409, body: { message } });
    for (const name of ['acme', 'admin']) {
      expect(await add({ name })).toMatchObject(conflict(`The name '${name}' is taken`));
    }
    const foreign = await sample.opened.takenPort();
    for (const port of [portOf(acme.url), portOf(globex.url), foreign.port]) {
      const answer = await add({ name: 'initech', port });
      expect(answer).toMatchObject(conflict(`Port ${port} is taken`));
    }
    expect(await list()).toEqual([acme, globex]);
    expect(JSON.parse((await ask(acme.url)).body)).toMatchObject({ tenant: 'acme' });
  });

  it('makes one tenant of two that come at once under one name', async () => {
    const { add } = await running();
    const answers = await Promise.all([add({ name: 'acme' }), add({ name: 'acme' })]);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 409]));
  });

  it('refuses bad names, ports and unknown fields with 400, and says what is right', async () => {
    const { add, list } = await running();
    const name = 'name must be 1 to 31 of a-z, 0-9 and -, and begin with a letter';
    for (const [tenant, message] of [
      [{ name: 'A tenant' }, name],
      [{ port: 3061 }, name],
      [{ name: 'acme', port: 80 }, 'port must not be less than 1024'],
      [{ name: 'acme', listen: ':80' }, 'property listen should not exist'],
    ]) {
      expect(await add(tenant)).toMatchObject({ status: 400, body: { message: [message] } });
    }
    expect(await list()).toEqual([]);
  });

  it('removes no tenant that there is not, and not the admin server', async () => {
    const { remove } = await running();
    for (const name of ['nobody', 'admin']) {
      const message = `There is no tenant '${name}'`;
      expect(await remove(name)).toMatchObject({ status: 404, body: { message } });
    }
  });

  it('drains the tenants too, and exits with 0, on Ctrl-C', async () => {
    const { child, add } = await running();
    await add({ name: 'acme' });
    child.interrupt();
    expect(await child.exited).toEqual({ code: 0, signal: null });
    expect(child.output).toMatch(/acme \(.*\): stopped/);
  });

  sample.itEndsOnTakenPort('admin', 'ADMIN_LISTEN');
});
