/** A version of TLS. */
export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

/** What a server asks of a client's certificate: nothing, to see it, or a valid one. */
export type ClientAuth = 'none' | 'request' | 'require';

/** One certificate with its private key. */
export interface CertificateOptions {
  /** The certificate chain, the server's own first: PEM text or a file path. */
  cert: string;
  /** The private key: PEM text or a file path. */
  key: string;
  /** The passphrase of an encrypted key. */
  passphrase?: string;
  /**
   * The server names (SNI) to use it for, `*.example.com` included.
   *
   * @defaultValue the names in the certificate
   */
  names?: readonly string[];
}

/**
 * TLS of a server.
 *
 * @see https://nodejs.org/api/tls.html#tlscreatesecurecontextoptions
 */
export interface TlsOptions {
  /** The certificates; the first serves the names that no certificate has. */
  certs?: readonly CertificateOptions[];
  /**
   * The certificate authorities to trust for connections: PEM text or file paths.
   *
   * @defaultValue the system's
   */
  rootCA?: string | readonly string[];
  /**
   * The certificate authorities that client certificates are checked against: PEM text or file
   * paths.
   *
   * @defaultValue none
   */
  clientCA?: string | readonly string[];
  /**
   * What is asked of a client's certificate.
   *
   * @defaultValue `'none'`
   */
  authClient?: ClientAuth;
  /**
   * The lowest version of TLS.
   *
   * @defaultValue `'TLSv1.2'`
   */
  versionMin?: TlsVersion;
  /**
   * The highest version of TLS; not below `versionMin`.
   *
   * @defaultValue `'TLSv1.3'`
   */
  versionMax?: TlsVersion;
  /**
   * The cipher suites in OpenSSL's names: a list, or one text split by colons.
   *
   * @defaultValue Node's
   */
  cipherList?: string | readonly string[];
  /**
   * The curves in OpenSSL's names: a list, or one text split by colons.
   *
   * @defaultValue Node's
   */
  curveList?: string | readonly string[];
  /**
   * Whether the pool's default TLS fills in what is not given here; own certificates go first.
   *
   * @defaultValue false
   */
  inheritDefault?: boolean;
  /**
   * Whether session tickets are off.
   *
   * @defaultValue false
   */
  sessionTicketDisable?: boolean;
  /**
   * Whether records have one fixed size from the first byte on.
   *
   * @defaultValue false
   */
  dynamicSizingDisable?: boolean;
  /**
   * Whether changed certificate files are reloaded.
   *
   * @defaultValue false
   */
  watch?: boolean;
}
