import type { SecureContext } from 'node:tls';
import type { StampedFile } from './file-digests.js';

/** What is told of a certificate that is served. */
interface CertificateFacts {
  /** The DNS names that it is served for, the first one first; empty for one that serves by default. */
  readonly names: readonly string[];
  /** `'rsa'`, `'ec'` or `'ed25519'`, say. */
  readonly keyType: string;
  /** Unix time in ms. */
  readonly notBefore: number;
  /** Unix time in ms. */
  readonly notAfter: number;
}

/** The certificate that ends first, and whether it is time to renew it. */
interface FirstEnd {
  readonly certificate: CertificateFacts;
  readonly isDue: boolean;
}

/** Undefined where there is no certificate. */
export function firstEnd(
  { certificates, expiryWarningMs }: Pick<TlsMaterial, 'certificates' | 'expiryWarningMs'>,
  now: number,
): FirstEnd | undefined {
  let certificate = certificates[0];
  if (certificate === undefined) return undefined;
  for (const each of certificates) if (each.notAfter < certificate.notAfter) certificate = each;
  return { certificate, isDue: certificate.notAfter - expiryWarningMs <= now };
}

/** What is wrong with the dates of the certificates that are served now; undefined: nothing. */
export function untimelyOf(
  material: Pick<TlsMaterial, 'certificates' | 'expiryWarningMs'>,
  now: number,
): string | undefined {
  const ended = firstEnd(material, now)?.certificate;
  if (ended && ended.notAfter <= now)
    return `${nameOf(ended)} expired on ${new Date(ended.notAfter).toISOString()}`;
  const early = material.certificates.find(({ notBefore }) => notBefore > now);
  return early && `${nameOf(early)} is not valid before ${new Date(early.notBefore).toISOString()}`;
}

/** A certificate, by its first name. */
export function nameOf({ names: [name] }: CertificateFacts): string {
  return `the certificate${name === undefined ? '' : ` of ${name}`}`;
}

/** What a TLS transport is made of, read and checked: nothing here can fail any more. */
export interface TlsMaterial {
  /** Of the first certificate, which serves the names that no certificate has. */
  readonly base: SecureContext;
  /** The context for an SNI name; undefined where that is the base. */
  contextFor(servername: string): SecureContext | undefined;
  /**
   * Whether the contexts differ in the types of their keys. Node's SNICallback takes one certificate of a
   * context, beside those of the base before Node 24: then the name must be known before.
   */
  readonly hasMixedKeys: boolean;
  /** Whether clients are asked for a certificate, and turned away without a good one. */
  readonly requestCert: boolean;
  readonly rejectUnauthorized: boolean;
  /** Those that clients are served with. */
  readonly certificates: readonly CertificateFacts[];
  /** When one that was not valid yet is to be chosen, perhaps: Unix time in ms, or Infinity. */
  readonly chosenUntil: number;
  /** What does not keep it from being served and should be mended now, one sentence each. */
  warnings(): readonly string[];
  /** The files that it was read from, as they were then, where they are to be watched. */
  readonly watchedFiles: readonly StampedFile[];
  /** How long before a certificate ends it is to be told, in ms. */
  readonly expiryWarningMs: number;
  /** Equal fingerprints mean equal material: nothing to reload. */
  readonly fingerprint: string;
  /** Differs when other clients are trusted: those of before must not stay. */
  readonly trust: string;
}
