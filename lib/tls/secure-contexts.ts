import { constants } from 'node:crypto';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import { joined, type TlsOptions } from '../config/options/tls.js';
import { quote } from '../config/redact.js';
import { normalName, type Certificate } from './certificate.js';
import { CertificatesByName } from './certificates-by-name.js';
import type { TlsMaterial } from './tls-material.js';
import type { ReportFault } from './tls-source.js';

type Contexts = Pick<TlsMaterial, 'base' | 'contextFor' | 'hasMixedKeys'>;

/**
 * Sessions resume only under the same id, and OpenSSL refuses to resume one at all, with a fatal
 * alert, where clients are asked for a certificate and there is none.
 */
const sessionIdContext = 'nestjs-http-pool';

/** The options that all contexts of a server share. */
export function sharedOptions(options: TlsOptions, authorities: string[]): SecureContextOptions {
  return {
    // Without it Node loads all public authorities, which no client of a server should be signed by.
    ca: authorities,
    sessionIdContext,
    // As tls.Server has it: the strongest suite of the server, not of the client.
    honorCipherOrder: true,
    ...(options.versionMin && { minVersion: options.versionMin }),
    ...(options.versionMax && { maxVersion: options.versionMax }),
    ...(options.cipherList && { ciphers: joined(options.cipherList) }),
    ...(options.curveList && { ecdhCurve: joined(options.curveList) }),
    ...(options.sessionTicketDisable && { secureOptions: constants.SSL_OP_NO_TICKET }),
  };
}

/**
 * A context for each set of certificates that serves a name; undefined when a fault was reported.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6125#section-6.4.3 of wildcards: exact names go first
 */
export function createContexts(
  byName: CertificatesByName,
  first: Certificate,
  shared: SecureContextOptions,
  report: ReportFault,
): Contexts | undefined {
  const contexts = new Map<string, SecureContext | undefined>();
  const groups = new Map<string, readonly Certificate[]>();
  const contextOf = (group: readonly Certificate[]): SecureContext | undefined => {
    const id = group.map(({ path }) => path).join();
    if (!contexts.has(id)) contexts.set(id, createContext(group, shared, report));
    groups.set(id, group);
    return contexts.get(id);
  };
  const base = contextOf(byName.groupOf(first));
  const named = new Map<string, SecureContext | undefined>();
  for (const [name, group] of byName.names) named.set(name, contextOf(group));
  if (base === undefined || [...named.values()].includes(undefined)) return undefined;
  return {
    base,
    contextFor: (servername) => {
      const name = normalName(servername);
      const dot = name.indexOf('.');
      const found = named.get(name) ?? (dot > 0 ? named.get(`*${name.slice(dot)}`) : undefined);
      // From Node 24 on, a context that is chosen by name serves one of its certificates and drops the others.
      return found === base ? undefined : found;
    },
    hasMixedKeys: groups.size > 1 && haveMixedKeys([...groups.values()]),
  };
}

function haveMixedKeys(groups: readonly (readonly Certificate[])[]): boolean {
  const types = new Set(groups.flat().map(({ keyType }) => keyType));
  return types.size > 1;
}

function createContext(
  group: readonly Certificate[],
  shared: SecureContextOptions,
  report: ReportFault,
): SecureContext | undefined {
  const options: SecureContextOptions = {
    ...shared,
    cert: group.map(({ cert }) => cert),
    key: group.map(({ key: pem, passphrase }) => ({ pem, passphrase })),
  };
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
