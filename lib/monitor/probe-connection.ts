import { connect, type NetConnectOpts, type Socket } from 'node:net';
import type { ServerProtocol } from '../config/server.config.js';
import { loopbackOf } from '../config/address/wildcard-host.js';
import { ownProbeHeader } from '../proxy-protocol/own-probe.js';
import {
  connect as connectTls,
  createSecureContext,
  type PeerCertificate,
  type TLSSocket,
} from 'node:tls';

/** A bound server, seen from this machine. */
export interface ProbeTarget {
  readonly address: { readonly host: string; readonly port: number } | { readonly path: string };
  readonly secure: boolean;
  readonly protocol: ServerProtocol;
  /** Asked for by HTTP; without it a connection, its TLS handshake included, is proof enough. */
  readonly path?: string;
  readonly timeoutMs: number;
  /** Whether the server reads a PROXY header first, and serves nobody without one. */
  readonly needsProxyHeader?: boolean;
  /** Told the port that it is connected from; undefined over a unix socket. */
  readonly connected?: (port: number | undefined) => void;
}

/**
 * Takes whatever the server speaks: it is asked whether it serves, not whether it pleases this
 * client, and its certificate need not name this machine.
 */
const ANY_TLS = {
  rejectUnauthorized: false,
  minVersion: 'TLSv1',
  maxVersion: 'TLSv1.3',
  // Those of TLS 1.3 have to be named, and by default it offers no CCM.
  ciphers: [
    'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256',
    'TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256:ALL@SECLEVEL=0',
  ].join(':'),
} as const;

/** All that a version of OpenSSL may have, and none that some lacks: one of these makes a whole list bad. */
const CURVES = [
  'X25519 P-256 X448 P-384 P-521 secp256k1 X25519MLKEM768 SecP256r1MLKEM768 SecP384r1MLKEM1024',
  'MLKEM512 MLKEM768 MLKEM1024 ffdhe2048 ffdhe3072 ffdhe4096 ffdhe6144 ffdhe8192',
  'brainpoolP256r1 brainpoolP384r1 brainpoolP512r1',
  'brainpoolP256r1tls13 brainpoolP384r1tls13 brainpoolP512r1tls13',
];

/** Those that this one has; found out when they are needed. */
let curves: string | undefined;

function knownCurves(): string {
  curves ??= CURVES.join(' ').split(' ').filter(isKnown).join(':');
  return curves;
}

function isKnown(ecdhCurve: string): boolean {
  try {
    createSecureContext({ ecdhCurve, ca: [] });
    return true;
  } catch {
    return false;
  }
}

/**
 * Alerts by which a server refuses a client for the certificate that it did not show. By their ends: what is in
 * front of them is of the version of OpenSSL (`SSLV3` in 3.0, `SSL/TLS` in 3.5).
 *
 * @see https://www.rfc-editor.org/rfc/rfc8446#section-6.2
 */
const CERTIFICATE_WANTED = /_ALERT_(?:CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|BAD_CERTIFICATE)$/;

/** An open connection; undefined where the server is well, but serves none without a certificate. */
type ProbeConnection = Socket | undefined;

/**
 * Connects, and over TLS shakes hands. The signal destroys the connection, at any time.
 *
 * @throws For a certificate that clients refuse because of its dates, too
 */
export async function openConnection(
  target: ProbeTarget,
  signal: AbortSignal,
): Promise<ProbeConnection> {
  const socket = connect({ ...destination(target), signal } as NetConnectOpts);
  socket.once('connect', () => target.connected?.(socket.localPort));
  if (target.needsProxyHeader) {
    await connected(socket);
    socket.write(ownProbeHeader());
  }
  return target.secure ? handshake(socket) : connected(socket);
}

function connected(socket: Socket): Promise<Socket> {
  return new Promise((resolve, reject) => {
    // Stays for the life of the socket: a reset after this promise is settled is nobody's error.
    socket.on('error', reject);
    socket.once('close', () => reject(new Error('the connection was closed at once')));
    if (!socket.connecting && !socket.destroyed) return resolve(socket);
    socket.once('connect', () => resolve(socket));
  });
}

function handshake(raw: Socket): Promise<ProbeConnection> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ socket: raw, ...ANY_TLS, ecdhCurve: knownCurves() });
    const fail = (error: NodeJS.ErrnoException): void => {
      const certificate = shown(socket);
      if (certificate && CERTIFICATE_WANTED.test(error.code ?? '')) {
        const fault = dateFault(certificate);
        if (fault === undefined) return resolve(undefined);
        return reject(fault);
      }
      reject(error);
    };
    raw.on('error', fail);
    socket.on('error', fail);
    raw.once('close', () => reject(new Error('the connection was closed in its TLS handshake')));
    socket.once('secureConnect', () => {
      const fault = dateFault(shown(socket));
      if (fault) reject(fault);
      else resolve(socket);
    });
  });
}

function shown(socket: TLSSocket): PeerCertificate | undefined {
  const certificate = socket.getPeerCertificate() as Partial<PeerCertificate> | null;
  return certificate?.valid_to === undefined ? undefined : (certificate as PeerCertificate);
}

/** Serves all the same, to clients that don't look: a check fails by it, and a monitor is not down. */
export class UntimelyCertificate extends Error {}

/** What it shows to whoever asks for no name is not valid yet. */
export class FutureCertificate extends Error {}

function dateFault(certificate: PeerCertificate | undefined): Error | undefined {
  if (certificate === undefined) return undefined;
  const { valid_from: from, valid_to: to } = certificate;
  if (Date.parse(to) <= Date.now())
    return new UntimelyCertificate(`its certificate expired on ${to}`);
  if (Date.parse(from) > Date.now())
    return new FutureCertificate(`its certificate is not valid before ${from}`);
  return undefined;
}

type Destination = { path: string } | { host: string; port: number };

function destination({ address }: ProbeTarget): Destination {
  if ('path' in address) return { path: address.path };
  return { host: loopbackOf(address.host), port: address.port };
}
