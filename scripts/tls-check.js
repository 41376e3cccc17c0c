/**
 * `npm run test:tls`: testssl.sh (Debian's package of that name) against servers with nothing set but a
 * certificate, over HTTP/1.1 and over HTTP/2. Fails on every finding above LOW, except that nobody vouches for a
 * certificate that signs itself. Takes some minutes, so CI does not run it.
 *
 * @see https://github.com/testssl/testssl.sh
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import helmet from 'helmet';
import { generate } from 'selfsigned';
import { PooledServer } from '../dist/index.js';

const aboveLow = ['MEDIUM', 'HIGH', 'CRITICAL', 'FATAL'];

/** What is so of any certificate that signs itself: no chain, and nobody to ask whether it is revoked. */
const ofSelfSigned = ['cert_chain_of_trust', 'cert_revocation'];

/** It looks at the headers of the answer as well, which are the application's: these are of a usual one. */
const addHeaders = helmet();
const application = (request, response) =>
  addHeaders(request, response, () => response.end('hello'));

/** Two keys, as a server has them that serves old clients as well. */
async function certificates() {
  const extensions = [
    { name: 'basicConstraints', cA: false },
    { name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] },
  ];
  const made = ['ec', 'rsa'].map((keyType) =>
    generate([{ name: 'commonName', value: 'localhost' }], {
      keyType,
      keySize: 2048,
      algorithm: 'sha256',
      notAfterDate: new Date(Date.now() + 90 * 24 * 3_600_000),
      extensions,
    }),
  );
  return (await Promise.all(made)).map(({ cert, private: key }) => ({ cert, key }));
}

async function findings(url, folder) {
  const file = join(folder, `${new URL(url).port}.json`);
  const options = [
    '--quiet',
    '--color',
    '0',
    '--nodns',
    'none',
    '--ip',
    '127.0.0.1',
    '--jsonfile',
    file,
  ];
  const child = spawn('testssl', [...options, url], { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code, signal] = await once(child, 'exit');
  // Its own codes from 242 on say that it could not do its work; those below count findings.
  if (signal || code >= 242) throw new Error(`testssl ended with ${signal ?? code}`);
  return JSON.parse(readFileSync(file, 'utf8'));
}

const certs = await certificates();
const folder = mkdtempSync(join(tmpdir(), 'tls-check-'));
try {
  for (const protocol of ['http1', 'http2']) {
    const server = PooledServer.create(
      { name: protocol, listen: '127.0.0.1:0', protocol, tls: { certs } },
      { handlers: () => ({ default: application }) },
    );
    await server.start();
    const found = await findings(`https://localhost:${server.address.port}`, folder);
    await server.stop({ timeout: 0 });
    const faults = found.filter(({ severity }) => aboveLow.includes(severity));
    const isExcused = ({ id }) => ofSelfSigned.some((name) => id.startsWith(name));
    const low = found.filter(({ severity }) => severity === 'LOW');
    console.log(`${protocol}: ${found.length} findings, ${low.length} LOW, ${faults.length} above`);
    // WARN: what it could not find out.
    for (const each of found.filter((one) => [...aboveLow, 'LOW', 'WARN'].includes(one.severity))) {
      const { id, severity, finding } = each;
      console.log(`  ${severity} ${id}: ${finding}${isExcused(each) ? ' (it signs itself)' : ''}`);
    }
    // A scan that was cut short finds nothing either.
    if (!found.some(({ id }) => id === 'BREACH'))
      throw new Error('testssl did not come to its end');
    if (!faults.every(isExcused)) process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
