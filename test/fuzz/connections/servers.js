/** The servers that are driven: what each speaks, and what stands behind it. */
export const servers = [
  { name: 'plain', speaks: 'http1', behind: 'raw' },
  { name: 'tls', speaks: 'http1', secure: true, behind: 'raw' },
  { name: 'h2', speaks: 'h2', secure: true, behind: 'nest' },
  { name: 'h2-raw', speaks: 'h2', secure: true, behind: 'raw' },
  { name: 'h2c', speaks: 'h2c', behind: 'nest' },
  { name: 'nest', speaks: 'http1', behind: 'nest' },
  { name: 'proxied', speaks: 'http1', behind: 'raw', proxied: 'required' },
  { name: 'proxied-h2', speaks: 'h2', secure: true, behind: 'nest', proxied: 'optional' },
];

/** The config of one of them: its timeouts are short, so that their ends are met, too. */
export function configOf({ name, speaks, secure, behind, proxied }, tls) {
  return {
    name,
    listen: '127.0.0.1:0',
    protocol: speaks === 'http1' ? 'http1' : 'http2',
    handlerKey: behind === 'raw' ? 'raw' : '',
    ...(secure && { tls }),
    ...(proxied && { proxyProtocol: proxied, trustedProxies: ['127.0.0.0/8'] }),
    handshakeTimeout: '200ms',
    readHeaderTimeout: '200ms',
    readTimeout: '400ms',
    writeTimeout: '1s',
    idleTimeout: '300ms',
    maxConnections: 500,
    maxHandlers: 200,
    maxUpgraded: 100,
    shutdown: { timeout: '2s' },
  };
}
