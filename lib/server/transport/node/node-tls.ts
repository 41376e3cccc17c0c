import type { Socket } from 'node:net';
import { TLSSocket, type SecureContext, type Server as TlsServer } from 'node:tls';
import { warnOfNode } from '../../../errors/warn-once.js';
import type { TlsMaterial } from '../../../tls/tls-material.js';

/*
 * What is used of Node's TLS beyond its documented surface, read from `_tls_wrap.js` of Node 20.20,
 * 22.23, 24.21 and 26.12; the canary test beside this file fails by name where it is gone.
 */

/** The socket that was accepted, beneath the one that a server of Node's makes of it. */
export function acceptedSocketOf(socket: TLSSocket): Socket | undefined {
  const { _parent: accepted } = socket as { _parent?: Socket | null };
  // One without TLS is asked, too.
  if (!accepted && socket instanceof TLSSocket) {
    warnOfNode(
      'keeps the socket beneath one of TLS elsewhere than nestjs-http-pool looks for it: a stop takes each connection ' +
        'of TLS for one in its handshake, and cuts it when the grace is over',
    );
  }
  return accepted ?? undefined;
}

/**
 * A client that has shown no certificate is not authorized. Node 20 and 22 say so of one that resumes a session
 * of TLS 1.3, which is a key that both have (PSK): OpenSSL has nothing to verify then.
 */
export function withdrawUnproven(socket: TLSSocket): void {
  if (!socket.authorized || socket.getPeerX509Certificate() !== undefined) return;
  socket.authorized = false;
  // As of a first connection; a code, whatever its type says.
  socket.authorizationError = 'UNABLE_TO_GET_ISSUER_CERT' as unknown as Error;
}

/** The context that a connection of a TLS server was begun with. */
export function contextOf(socket: TLSSocket): SecureContext | undefined {
  const { _tlsOptions: options } = socket as { _tlsOptions?: { secureContext?: SecureContext } };
  if (options?.secureContext === undefined) {
    warnOfNode(
      'keeps the context of a connection of TLS elsewhere than nestjs-http-pool looks for it: of certificates of one name ' +
        'with keys of several types it serves one',
    );
  }
  return options?.secureContext;
}

/** Node reads them anew for each connection. */
interface TlsServerInternals {
  _sharedCreds: SecureContext | undefined;
  requestCert: boolean;
  rejectUnauthorized: boolean;
}

/** Options of a TLS server whose context {@link useMaterial} sets; it makes none of its own. */
export const withoutContext = Object.freeze({ ca: [] as string[] });

/**
 * Gives a TLS server its material, at once for new handshakes: open connections go on. The context is
 * taken as it is, where Node's `setSecureContext` would make a new one from PEM text, which costs a
 * millisecond and keeps the text of the key on the server.
 *
 * @throws Error on a version of Node that keeps the context elsewhere
 */
export function useMaterial(server: TlsServer, material: TlsMaterial): void {
  const internals = server as unknown as TlsServerInternals;
  if (internals._sharedCreds === undefined) {
    throw new Error(
      `Node ${process.version} keeps the context of a TLS server in a place that this version does not know`,
    );
  }
  internals._sharedCreds = material.base;
  internals.requestCert = material.requestCert;
  internals.rejectUnauthorized = material.rejectUnauthorized;
}

/** Hands a connection to a TLS server with another context than its own. */
export function connectWith(server: TlsServer, context: SecureContext, connect: () => void): void {
  const internals = server as unknown as TlsServerInternals;
  const { _sharedCreds: own } = internals;
  internals._sharedCreds = context;
  try {
    connect();
  } finally {
    internals._sharedCreds = own;
  }
}
