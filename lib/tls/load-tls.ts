import { constants } from 'node:crypto';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import type { TlsOptions } from '../config/server.options.js';
import type { ConfigIssue } from '../errors/server.error.js';
import { namesOf, parseCertificate, parseKey } from './pem.js';
import { SniContexts } from './sni.js';
import type { TlsMaterial } from './tls-material.js';
import {
  attempt,
  fingerprintOf,
  readTlsSource,
  reportTo,
  type CertificateSource,
  type ReportFault,
} from './tls-source.js';

/** A pool's default TLS: options, or a function that returns them, now or later. */
export type DefaultTls = TlsOptions | (() => TlsOptions | Promise<TlsOptions>);

interface LoadedCertificate {
  readonly cert: string;
  readonly key: string;
  readonly passphrase: string | undefined;
  readonly names: readonly string[];
}

export interface TlsLoad {
  /** Absent without a certificate, and when there are issues. */
  readonly material?: TlsMaterial;
  readonly issues: readonly ConfigIssue[];
}

/**
 * Reads and checks all TLS material of a server before any of it is used, so that a bad file is an
 * error at once and not at somebody's first handshake. Own options go before inherited ones.
 *
 * @param known Material that is good already: it is the answer again when what is read is the same,
 *   for a look into a certificate and its key takes about a millisecond
 */
export function loadTls(
  own: TlsOptions | undefined,
  inherited?: TlsOptions,
  known?: TlsMaterial,
): TlsLoad {
  if (own === undefined) return { issues: [] };
  const issues: ConfigIssue[] = [];
  const report = reportTo(issues);
  const source = readTlsSource(own, inherited, report);
  const fingerprint = fingerprintOf(source);
  if (known?.fingerprint === fingerprint) return { issues, material: known };
  const certificates = source.certificates.flatMap(
    (certificate) => checkCertificate(certificate, report) ?? [],
  );
  const clientCA = source.authorities.filter(
    (pem) => attempt(() => parseCertificate(pem), 'tls.clientCA', report) !== undefined,
  );
  const { authClient = 'none' } = source.options;
  if (authClient === 'require' && clientCA.length === 0) {
    const message = "is missing: authClient 'require' needs the CA that signs clients";
    report('tls.clientCA', new Error(message));
  }
  if (issues.length > 0 || certificates.length === 0) return { issues: issues.sort(byPath) };
  const contexts = createContexts(certificates, sharedOptions(source.options, clientCA), report);
  if (contexts === undefined) return { issues };
  return {
    issues,
    material: {
      ...contexts,
      requestCert: authClient !== 'none',
      rejectUnauthorized: authClient === 'require',
      fingerprint,
      trustFingerprint: fingerprintOf({ ...source, certificates: [], options: { authClient } }),
    },
  };
}

function checkCertificate(
  { path, cert, key, passphrase, names }: CertificateSource,
  report: ReportFault,
): LoadedCertificate | undefined {
  const parsed = cert && attempt(() => parseCertificate(cert), `${path}.cert`, report);
  const parsedKey = key && attempt(() => parseKey(key, passphrase), `${path}.key`, report);
  if (!cert || !key || !parsed || !parsedKey) return undefined;
  if (!parsed.checkPrivateKey(parsedKey)) {
    const message = `does not match the certificate ${path}.cert (${parsed.subject.replaceAll('\n', ', ')}), give the key it was issued for`;
    return report(`${path}.key`, new Error(message));
  }
  return { cert, key, passphrase, names: names ?? namesOf(parsed) };
}

function sharedOptions(options: TlsOptions, clientCA: string[]): SecureContextOptions {
  return {
    ...(clientCA.length > 0 && { ca: clientCA }),
    ...(options.versionMin && { minVersion: options.versionMin }),
    ...(options.versionMax && { maxVersion: options.versionMax }),
    ...(options.cipherList && { ciphers: joined(options.cipherList) }),
    ...(options.curveList && { ecdhCurve: joined(options.curveList) }),
    ...(options.sessionTicketDisable && { secureOptions: constants.SSL_OP_NO_TICKET }),
  };
}

function createContexts(
  certificates: readonly LoadedCertificate[],
  shared: SecureContextOptions,
  report: ReportFault,
): Pick<TlsMaterial, 'base' | 'contextFor'> | undefined {
  const sni = new SniContexts();
  const options = certificates.map(({ cert, key, passphrase }) => {
    return { ...shared, cert, key, passphrase };
  });
  const contexts = options.map((each) => createContext(each, report));
  for (const [index, context] of contexts.entries()) {
    if (context === undefined) return undefined;
    sni.add(certificates[index]?.names ?? [], context);
  }
  return { base: options[0] ?? {}, contextFor: (servername) => sni.find(servername) };
}

function createContext(
  options: SecureContextOptions,
  report: ReportFault,
): SecureContext | undefined {
  try {
    return createSecureContext(options);
  } catch (error) {
    return report(contextFault(error as NodeJS.ErrnoException), error);
  }
}

/** OpenSSL tells which option it refused only by its code. */
function contextFault({ code }: NodeJS.ErrnoException): string {
  if (code?.includes('CIPHER')) return 'tls.cipherList';
  if (code === 'ERR_CRYPTO_OPERATION_FAILED') return 'tls.curveList';
  return 'tls';
}

function joined(list: string | readonly string[]): string {
  return typeof list === 'string' ? list : list.join(':');
}

/** What could not be read and what could not be parsed of one certificate belong together. */
function byPath(a: ConfigIssue, b: ConfigIssue): number {
  return a.path.localeCompare(b.path, 'en', { numeric: true });
}
