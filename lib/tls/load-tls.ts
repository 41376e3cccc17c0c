import { constants } from 'node:crypto';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import { TLS_DEFAULTS } from '../config/options/tls.js';
import { quote } from '../config/redact.js';
import type { TlsOptions } from '../config/options/tls.js';
import { TLS_VERSIONS } from '../config/options/tls.js';
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
  if (issues.length === 0 && known?.fingerprint === fingerprint) return { issues, material: known };
  reportVersions(source.options, report);
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

/** Each may be right where it stands, and none be left once own and inherited ones are folded. */
function reportVersions(options: TlsOptions, report: ReportFault): void {
  const { versionMin, versionMax } = { ...TLS_DEFAULTS, ...options };
  if (TLS_VERSIONS.indexOf(versionMin) <= TLS_VERSIONS.indexOf(versionMax)) return;
  const message = `got '${versionMin}', give a version not above versionMax, ${versionMax}`;
  report('tls.versionMin', new Error(message));
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
    return reportContext(options, error as NodeJS.ErrnoException, report);
  }
}

/** OpenSSL tells which option it refused only by its code. */
function reportContext(
  { ciphers = '', ecdhCurve = '' }: SecureContextOptions,
  error: NodeJS.ErrnoException,
  report: ReportFault,
): undefined {
  const refused = (value: string, give: string): Error =>
    new Error(`got ${quote(value)}, which OpenSSL refuses (${error.message}), give ${give}`);
  if (error.code?.includes('CIPHER')) {
    const give = "suites that it has, such as 'ECDHE-RSA-AES128-GCM-SHA256:TLS_AES_128_GCM_SHA256'";
    return report('tls.cipherList', refused(ciphers, give));
  }
  if (error.code === 'ERR_CRYPTO_OPERATION_FAILED') {
    return report(
      'tls.curveList',
      refused(ecdhCurve, "curves that it has, such as 'X25519:P-256'"),
    );
  }
  return report('tls', error);
}

function joined(list: string | readonly string[]): string {
  return typeof list === 'string' ? list : list.join(':');
}

/** What could not be read and what could not be parsed of one certificate belong together. */
function byPath(a: ConfigIssue, b: ConfigIssue): number {
  return a.path.localeCompare(b.path, 'en', { numeric: true });
}
