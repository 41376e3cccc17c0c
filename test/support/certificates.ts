import { generate } from 'selfsigned';

/** A certificate and its private key, both PEM text. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

const signs = { keyType: 'ec', algorithm: 'sha256' } as const;

async function authority(name: string): Promise<KeyPair> {
  const made = await generate([{ name: 'commonName', value: name }], {
    ...signs,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, digitalSignature: true },
    ],
  });
  return { cert: made.cert, key: made.private };
}

/** How a certificate differs from most. */
export interface IssueOptions {
  readonly passphrase?: string;
  /** RSA takes a tenth of a second to make. */
  readonly keyType?: 'ec' | 'rsa';
  readonly notBeforeDate?: Date;
  readonly notAfterDate?: Date;
  /** Only the common name; no name in the extension. */
  readonly onlyCommonName?: boolean;
}

export async function issue(
  by: KeyPair,
  names: string[],
  { passphrase, keyType = 'ec', notBeforeDate, notAfterDate, onlyCommonName }: IssueOptions = {},
): Promise<KeyPair> {
  const made = await generate([{ name: 'commonName', value: names[0] }], {
    ...signs,
    keyType,
    // The library signs with a key of the same type only: those of RSA sign themselves.
    ca: keyType === 'ec' ? by : undefined,
    passphrase,
    notBeforeDate,
    notAfterDate,
    extensions: onlyCommonName
      ? [{ name: 'basicConstraints', cA: false }]
      : [
          {
            name: 'subjectAltName',
            altNames: [
              ...names.map((value) => ({ type: 2 as const, value })),
              { type: 7 as const, ip: '127.0.0.1' },
            ],
          },
        ],
  });
  return { cert: made.cert, key: made.private };
}

/** Keys of elliptic curves take milliseconds, so each test file makes its own set, once. */
export const passphrase = 'open sesame';

/** Signs every certificate of the servers. */
export const ca = await authority('Test CA');

/** For `localhost`, and what the tests' servers use unless told. */
export const localhost = await issue(ca, ['localhost']);

/** Another one for the same name, as a renewal brings it. */
export const renewed = await issue(ca, ['localhost', 'renewed.test']);

export const first = await issue(ca, ['first.test']);
export const second = await issue(ca, ['second.test', '*.second.test']);

/** Its key needs {@link passphrase}. */
export const encrypted = await issue(ca, ['encrypted.test'], { passphrase });

/** Signs the certificates of clients. */
export const clientCa = await authority('Client CA');
export const client = await issue(clientCa, ['client.test']);

/** A client that no server knows. */
export const stranger = await issue(await authority('Other CA'), ['stranger.test']);

/** The TLS options of most servers. */
export const tls = { certs: [localhost] };
