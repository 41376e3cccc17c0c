import type { CertificateOptions } from 'nestjs-http-pool';
import { generate } from 'selfsigned';

/** A certificate for this run, which nobody trusts. `cert` and `key` may be paths of PEM files too. */
export async function makeCertificate(): Promise<CertificateOptions> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
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
  return { cert, key };
}
