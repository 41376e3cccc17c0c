import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createCertificates } from '../soak/certificates.js';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const plain = path('../process/children/plain.mjs');

/**
 * What is upgraded: an entry file, options of `run`, whether it answers a POST by its body, and which
 * clients of `prove` leave it alone. Each prints `… listens on <port or URL>` for its servers.
 */
export const variants = {
  // A generation that leaves waits two seconds for a slow reader: that is for the others.
  plain: () => ({ entry: plain, echoes: true, without: ['slow-reader'] }),
  workers: () => ({ entry: plain, options: ['--workers', '2'], echoes: true }),
  nest: () => ({ entry: path('../process/children/nest.mjs') }),
  // HTTPS, and HTTP/2 by ALPN: connections that do not move.
  tls: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'upgrade-'));
    const { certificates } = await createCertificates(1);
    const [{ cert, key }] = certificates;
    writeFileSync(join(folder, 'cert.pem'), cert);
    writeFileSync(join(folder, 'key.pem'), key);
    return {
      entry: path('secure.mjs'),
      args: [join(folder, 'cert.pem'), join(folder, 'key.pem')],
      remove: () => rmSync(folder, { recursive: true, force: true }),
    };
  },
};
