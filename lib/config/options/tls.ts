import 'reflect-metadata';
import { TLS_DEFAULTS } from '../defaults.js';
import { CertificateConfig } from '../certificate.config.js';
import { IsNestedList } from '../rules/nested.rules.js';
import { rule } from '../rules/rule.js';
import type { ClientAuth, TlsOptions, TlsVersion } from '../tls.options.js';
import { IsFlag, IsOneOf, IsTexts } from '../rules/value.rules.js';

/** From the lowest to the highest. */
export const TLS_VERSIONS: readonly TlsVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];
const CLIENT_AUTH: readonly ClientAuth[] = ['none', 'request', 'require'];
const PEM_OR_PATH = { of: 'PEM text or a file path', orOne: true };

/** {@link TlsOptions} with its rules. */
export class TlsConfig implements TlsOptions {
  @IsNestedList(() => CertificateConfig, {
    give: 'a list of { cert, key } objects',
    item: 'an object { cert, key }',
  })
  certs?: CertificateConfig[];

  @IsTexts(PEM_OR_PATH)
  rootCA?: string | string[];

  @IsTexts(PEM_OR_PATH)
  clientCA?: string | string[];

  @IsOneOf(CLIENT_AUTH)
  authClient?: ClientAuth;

  @IsOneOf(TLS_VERSIONS)
  versionMin?: TlsVersion;

  @IsOneOf(TLS_VERSIONS)
  @IsNotBelowMin()
  versionMax?: TlsVersion;

  @IsTexts({ of: "cipher suites in OpenSSL's names", orOne: true })
  cipherList?: string | string[];

  @IsTexts({ of: "curves in OpenSSL's names", orOne: true })
  curveList?: string | string[];

  @IsFlag()
  inheritDefault?: boolean;

  @IsFlag()
  sessionTicketDisable?: boolean;

  @IsFlag()
  dynamicSizingDisable?: boolean;

  @IsFlag()
  watch?: boolean;
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
