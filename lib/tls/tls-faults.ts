import { TLS_DEFAULTS, TLS_VERSIONS, type TlsOptions } from '../config/options/tls.js';
import type { Certificate } from './certificate.js';
import type { ReportFault, TlsSource } from './tls-source.js';

/** Each may be right where it stands, and none be left once own and inherited ones are folded. */
export function reportVersions(options: TlsOptions, report: ReportFault): void {
  const { versionMin, versionMax } = { ...TLS_DEFAULTS, ...options };
  if (TLS_VERSIONS.indexOf(versionMin) <= TLS_VERSIONS.indexOf(versionMax)) return;
  const message = `got '${versionMin}', give a version not above versionMax, ${versionMax}`;
  report('tls.versionMin', new Error(message));
}

/** Who asks clients for certificates must not serve those who have none, or whom anybody signed. */
export function reportClientAuth(
  { certificates, authorities: sources, authClient }: TlsSource,
  authorities: readonly string[],
  report: ReportFault,
  awaitsDefault: boolean,
): void {
  if (authClient === 'none') return;
  // Of a CA that can't be read it has been told.
  if (authorities.length === 0 && sources.length === 0) {
    const message = `is missing: authClient '${authClient}' needs the CA that signs clients`;
    report('tls.clientCA', new Error(message));
  }
  if (certificates.length > 0 || awaitsDefault) return;
  const message = `is missing: without a certificate there is no TLS, and authClient '${authClient}' would let everybody in`;
  report('tls.certs', new Error(message));
}

/** The first one serves the names that no certificate has; any other would never be served. */
export function reportNameless({ names, path }: Certificate, report: ReportFault): void {
  if (names.length > 0) return;
  const message =
    'has no DNS name to be served by, neither in the certificate nor in names: give names, or put it first';
  report(`${path}.names`, new Error(message));
}
