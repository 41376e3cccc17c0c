import { mkdtempSync, rmSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { renewed } from '../support/certificates.js';
import { ask } from '../support/http-client.js';
import { get, RawClient } from '../support/raw-client.js';
import { Sample } from './support/sample.js';

describe('sample 03, https and a redirect to it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sample-03-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const sample = new Sample('03-https-with-redirect', {
    HTTP_LISTEN: '127.0.0.1:0',
    HTTPS_LISTEN: '127.0.0.1:0',
    CERTIFICATES: folder,
  });

  const running = async () => {
    const { child, urls } = await sample.serve();
    const { http = '', https = '' } = urls;
    return { child, http, https };
  };

  it('redirects to the same path of the application, which sees https', async () => {
    const { http, https } = await running();
    const location = `${https}/where?a=1`;
    // A 308, unlike a 301 or 302, keeps the method.
    for (const [method, expected] of [
      ['GET', 301],
      ['POST', 308],
    ] as const) {
      const { status, headers } = await ask(`${http}/where?a=1`, { method });
      expect({ status, location: headers.location }).toEqual({ status: expected, location });
      const answer = await ask(location, { method, rejectUnauthorized: false });
      expect(answer.certificateName).toBe('localhost');
      expect(JSON.parse(answer.body)).toEqual({ server: 'https', protocol: 'https', method });
    }
  });

  it('sends nobody elsewhere by the Host header or by a target that is no path', async () => {
    const { http, https } = await running();
    for (const [request, path] of [
      [get('/where').replace('localhost', 'evil.test'), '/where'],
      [get('//evil.test/x'), '//evil.test/x'],
      [get('http://evil.test/x'), '/x'],
    ]) {
      const client = await RawClient.connect(http);
      sample.opened.onClose(() => client.close());
      client.send(request!);
      const head = await client.until('\r\n\r\n');
      expect(head).toMatch(/^HTTP\/1\.1 301 /);
      expect(head).toContain(`\r\nLocation: ${https}${path}\r\n`);
    }
  });

  it('shows a new certificate when its files were replaced', async () => {
    const { https } = await running();
    for (const [name, text] of [
      ['key', renewed.key],
      ['cert', renewed.cert],
    ] as const) {
      await writeFile(join(folder, 'next'), text);
      await rename(join(folder, 'next'), join(folder, `${name}.pem`));
    }
    // Signed by the authority that the client of the tests trusts.
    const seen = async (): Promise<number> =>
      ask(`${https}/where`).then(
        ({ status }) => status,
        () => 0,
      );
    while ((await seen()) !== 200);
  });

  it('exits with 0 on Ctrl-C', async () => {
    const { child } = await running();
    child.interrupt();
    expect(await child.exited).toEqual({ code: 0, signal: null });
  });

  sample.itEndsOnTakenPort('https', 'HTTPS_LISTEN');
});
