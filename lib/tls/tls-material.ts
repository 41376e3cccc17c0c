import type { SecureContext, SecureContextOptions } from 'node:tls';

/** What a TLS transport is made of, read and checked: nothing here can fail any more. */
export interface TlsMaterial {
  /** The options of the first certificate, which serves the names that no certificate has. */
  readonly base: Readonly<SecureContextOptions>;
  /** Whether clients are asked for a certificate, and turned away without a good one. */
  readonly requestCert: boolean;
  readonly rejectUnauthorized: boolean;
  /** The context for an SNI name; undefined where the first certificate serves. */
  contextFor(servername: string): SecureContext | undefined;
  /** Equal fingerprints mean equal material: nothing to reload. */
  readonly fingerprint: string;
  /** Changes when the trusted client CAs do: sessions of removed clients must not resume. */
  readonly trustFingerprint: string;
}
