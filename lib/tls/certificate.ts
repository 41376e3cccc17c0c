import type { X509Certificate } from 'node:crypto';
import { statSync } from 'node:fs';
import { domainToASCII } from 'node:url';
import { parseCertificates } from './pem/pem-blocks.js';
import { isPath, parseKey, readPem } from './pem/pem.js';
import { attempt, type CertificateSource, type ReportFault } from './tls-source.js';

/** A certificate with its key, read and found to belong together. */
export interface Certificate {
  /** Where its options stand, such as `tls.certs[0]`. */
  readonly path: string;
  /** With its chain, and nothing beside it. */
  readonly cert: string;
  readonly key: string;
  readonly passphrase: string | undefined;
  readonly keyType: string;
  /** The names it is to be served for, in lower case and ASCII. */
  readonly names: readonly string[];
  /** Unix times in ms. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly inherited: boolean;
}

/** Reads a certificate and looks into it; undefined when a fault was reported. */
export function readCertificate(
  source: CertificateSource,
  report: ReportFault,
): Certificate | undefined {
  const { path, passphrase, inherited } = source;
  const text = attempt(() => readPem(source.cert), `${path}.cert`, report);
  const key = attempt(() => readPem(source.key), `${path}.key`, report);
  const chain = text && attempt(() => parseCertificates(text), `${path}.cert`, report);
  const parsedKey = key && attempt(() => parseKey(key, passphrase), `${path}.key`, report);
  const parsed = chain && chain[0]?.parsed;
  if (!chain || !key || !parsed || !parsedKey) return undefined;
  if (!parsed.checkPrivateKey(parsedKey)) {
    const subject = parsed.subject?.replaceAll('\n', ', ') ?? 'without a subject';
    const message = `does not match the certificate ${path}.cert (${subject}), give the key it was issued for`;
    return report(`${path}.key`, new Error(message));
  }
  return {
    path,
    cert: chain.map(({ pem }) => pem).join('\n'),
    key,
    passphrase,
    keyType: parsedKey.asymmetricKeyType ?? 'unknown',
    names: source.names?.length ? source.names.map(normalName) : namesOf(parsed),
    notBefore: Date.parse(parsed.validFrom),
    notAfter: Date.parse(parsed.validTo),
    inherited,
  };
}

/** A name as it is compared: in lower case, in ASCII, and without the dot of the root. */
export function normalName(name: string): string {
  const bare = name.toLowerCase().replace(/\.$/, '');
  return bare.startsWith('*.') ? `*.${toAscii(bare.slice(2))}` : toAscii(bare);
}

function toAscii(name: string): string {
  return domainToASCII(name) || name;
}

/**
 * The DNS names that a certificate is for; its common name only where it has none.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6125#section-6.4.4
 */
export function namesOf(certificate: X509Certificate): string[] {
  const names = (certificate.subjectAltName ?? '')
    .split(', ')
    .filter((name) => name.startsWith('DNS:'))
    .map((name) => normalName(name.slice('DNS:'.length)));
  if (names.length > 0) return names;
  const [, common] = /^CN=(.+)$/m.exec(certificate.subject ?? '') ?? [];
  return common !== undefined && /^[\w*.-]+$/.test(common) && /[a-z]/i.test(common)
    ? [normalName(common)]
    : [];
}

/** That a certificate has ended, or is not valid yet, if so. */
export function dateWarning(
  { path, notBefore, notAfter }: Pick<Certificate, 'path' | 'notBefore' | 'notAfter'>,
  now = Date.now(),
): string[] {
  if (notAfter <= now) {
    return [`${path}.cert expired on ${new Date(notAfter).toISOString()}, renew it`];
  }
  if (notBefore <= now) return [];
  return [`${path}.cert is not valid before ${new Date(notBefore).toISOString()}`];
}

/** That the file of a key may be read by anybody, if it may. */
export function modeWarning({ path, key }: { path: string; key: string }): string[] {
  if (!isPath(key) || !isWorldReadable(key)) return [];
  return [
    `${path}.key is a file that every user of this machine can read, take that right away (chmod o-r)`,
  ];
}

function isWorldReadable(path: string): boolean {
  if (process.platform === 'win32') return false;
  try {
    return (statSync(path).mode & 0o004) !== 0;
  } catch {
    return false;
  }
}
