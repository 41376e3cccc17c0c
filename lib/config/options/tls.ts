import 'reflect-metadata';
import type { FieldsOf } from '../fields-of.js';
import { toMs, type Duration } from '../duration.js';
import { IsDuration } from '../rules/duration.rules.js';
import { holdsKey } from '../redact.js';
import { IsNestedList, IsSecret } from '../rules/nested.rules.js';
import { rule } from '../rules/rule.js';
import { IsFlag, IsOneOf, IsText, IsTexts } from '../rules/value.rules.js';

/** A version of TLS. */
type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

/** What a server asks of a client's certificate: nothing, to see it, or a valid one. */
export type ClientAuth = 'none' | 'request' | 'require';

/** From the lowest to the highest. */
export const TLS_VERSIONS: readonly TlsVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];
const CLIENT_AUTH: readonly ClientAuth[] = ['none', 'request', 'require'];
const PEM_OR_PATH = { of: 'PEM text or a file path', orOne: true };

/**
 * What a client may ask for, or a wildcard: what else is given would never be served.
 *
 * @see https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4 of the length of its labels
 */
const SERVER_NAME = /^(?:\*\.)?(?:[\p{L}\p{M}\p{N}_-]{1,63}\.)*[\p{L}\p{M}\p{N}_-]{1,63}\.?$/u;

/** The defaults of TLS; the versions are Node's. */
export const TLS_DEFAULTS = Object.freeze({
  authClient: 'none' as ClientAuth,
  versionMin: 'TLSv1.2' as TlsVersion,
  versionMax: 'TLSv1.3' as TlsVersion,
  inheritDefault: false,
  sessionTicketDisable: false,
  dynamicSizingDisable: false,
  watch: false,
  expiryWarningMs: 14 * 86_400_000,
});

/** One certificate with its private key. */
export class CertificateConfig {
  /** The certificate chain, the server's own first: PEM text or a file path. It may have the key beside it. */
  @IsSecret(holdsKey)
  @IsText({ required: true, give: 'PEM text or a file path as a string' })
  cert!: string;

  /** The private key: PEM text or a file path. */
  @IsSecret()
  @IsText({ required: true, secret: true, give: 'PEM text or a file path as a string' })
  key!: string;

  /** The passphrase of an encrypted key. */
  @IsSecret()
  @IsText({ secret: true, empty: true, give: 'the passphrase of the key as a text' })
  passphrase?: string | undefined;

  /**
   * The server names (SNI) to use it for, `*.example.com` included.
   *
   * @defaultValue the names in the certificate
   */
  @IsTexts({ of: "a server name such as 'example.com' or '*.example.com'", match: SERVER_NAME })
  names?: readonly string[] | undefined;
}

/** One certificate with its private key. */
export type CertificateOptions = FieldsOf<CertificateConfig>;

/**
 * TLS of a server.
 *
 * @see https://nodejs.org/api/tls.html#tlscreatesecurecontextoptions
 */
export class TlsConfig {
  /** The certificates; the first serves the names that no certificate has. */
  @IsNestedList(() => CertificateConfig, {
    give: 'a list of { cert, key } objects',
    item: 'an object { cert, key }',
    secret: true,
  })
  certs?: readonly CertificateConfig[] | undefined;

  /**
   * Certificate authorities, PEM text or file paths: they stand for `clientCA` where that is not given.
   *
   * @defaultValue none
   */
  @IsSecret(holdsKey)
  @IsTexts(PEM_OR_PATH)
  rootCA?: string | readonly string[] | undefined;

  /**
   * The certificate authorities that client certificates are checked against: PEM text or file
   * paths.
   *
   * @defaultValue `rootCA`
   */
  @IsSecret(holdsKey)
  @IsTexts(PEM_OR_PATH)
  clientCA?: string | readonly string[] | undefined;

  /**
   * What is asked of a client's certificate.
   *
   * @defaultValue `'none'`
   */
  @IsOneOf(CLIENT_AUTH)
  authClient?: ClientAuth | undefined;

  /**
   * The lowest version of TLS.
   *
   * @defaultValue `'TLSv1.2'`
   */
  @IsOneOf(TLS_VERSIONS)
  versionMin?: TlsVersion | undefined;

  /**
   * The highest version of TLS; not below `versionMin`.
   *
   * @defaultValue `'TLSv1.3'`
   */
  @IsOneOf(TLS_VERSIONS)
  @IsNotBelowMin()
  versionMax?: TlsVersion | undefined;

  /**
   * The cipher suites in OpenSSL's names: a list, or one text split by colons.
   *
   * @defaultValue Node's
   */
  @IsTexts({ of: "cipher suites in OpenSSL's names", orOne: true })
  cipherList?: string | readonly string[] | undefined;

  /**
   * The curves in OpenSSL's names: a list, or one text split by colons.
   *
   * @defaultValue Node's
   */
  @IsTexts({ of: "curves in OpenSSL's names", orOne: true })
  curveList?: string | readonly string[] | undefined;

  /**
   * Whether the pool's default TLS fills in what is not given here; own certificates go first.
   *
   * @defaultValue false
   */
  @IsFlag()
  inheritDefault?: boolean | undefined;

  /**
   * Whether session tickets are off.
   *
   * @defaultValue false
   */
  @IsFlag()
  sessionTicketDisable?: boolean | undefined;

  /**
   * Whether records have one fixed size from the first byte on.
   *
   * @defaultValue false
   */
  @IsFlag()
  dynamicSizingDisable?: boolean | undefined;

  /**
   * Whether changed certificate files are reloaded.
   *
   * @defaultValue false
   */
  @IsFlag()
  watch?: boolean | undefined;

  /**
   * How long before a certificate ends the health of the server is `degraded`; 0 is never before.
   *
   * @defaultValue 14 d
   */
  @IsDuration({ maxMs: Number.MAX_SAFE_INTEGER })
  expiryWarning?: Duration | undefined;
}

/** TLS of a server. */
export type TlsOptions = FieldsOf<TlsConfig>;

/**
 * TLS options in one spelling, to be compared by value: lists are lists, and defaults are written out
 * but where what is left out is inherited.
 */
export function comparableTls(tls: TlsOptions): unknown {
  const { expiryWarningMs, ...defaults } = TLS_DEFAULTS;
  const { expiryWarning, ...others } = tls;
  return {
    ...(tls.inheritDefault ? {} : defaults),
    ...others,
    expiryWarningMs: toMs(expiryWarning, expiryWarningMs),
    certs: (tls.certs ?? []).map(({ cert, key, passphrase, names = [] }) => {
      return { cert, key, passphrase, names: [...names] };
    }),
    rootCA: textsOf(tls.rootCA),
    clientCA: textsOf(tls.clientCA),
    cipherList: joined(tls.cipherList),
    curveList: joined(tls.curveList),
  };
}

/** The texts of an option that is one text or a list of them. */
export function textsOf(value: string | readonly string[] = []): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}

/** The same in one text, as OpenSSL takes suites and curves. */
export function joined(value: string | readonly string[] | undefined): string {
  return textsOf(value).join(':');
}

/** No version would be left, and every handshake would fail. */
function IsNotBelowMin(): PropertyDecorator {
  return rule('isNotBelowMin', (value, siblings) => {
    const { versionMin = TLS_DEFAULTS.versionMin } = siblings as TlsOptions;
    const max = TLS_VERSIONS.indexOf(value as TlsVersion);
    if (max < 0 || max >= TLS_VERSIONS.indexOf(versionMin)) return [];
    return [
      { text: `got '${TLS_VERSIONS[max]}', give a version not below versionMin, ${versionMin}` },
    ];
  });
}
