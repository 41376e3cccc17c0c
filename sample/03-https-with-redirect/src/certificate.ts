import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CertificateOptions } from 'nestjs-http-pool';
import { generate } from 'selfsigned';

/** The PEM files of a folder; where there are none, a certificate that nobody trusts. */
export async function certificateIn(folder: string): Promise<CertificateOptions> {
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  if (!existsSync(cert) || !existsSync(key)) {
    const made = await generate([{ name: 'commonName', value: 'localhost' }], {
      keyType: 'ec',
      algorithm: 'sha256',
      extensions: [
        {
          name: 'subjectAltName',
          altNames: [
            { type: 2, value: 'localhost' },
            { type: 7, ip: '127.0.0.1' },
          ],
        },
      ],
    });
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(key, made.private, { mode: 0o600 });
    await writeFile(cert, made.cert);
  }
  return { cert, key };
}
