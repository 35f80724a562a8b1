import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';

import { ServerCredentials, type Server } from '@grpc/grpc-js';
import type { Log } from '@plaza/core';

import { parseAddress } from './address.ts';
import type { Identity } from './identity.ts';
import { peerNameOf } from './peer.ts';
import type { Listener } from './plain-listener.ts';

const HANDSHAKE_MS = 5_000;
/** A scanner shall not fill the log. */
const TELL_EVERY_MS = 1_000;

/**
 * Listens for TLS 1.3 and gives the server every connection whose peer showed a certificate of our authorities. The listener is
 * ours, and not that of grpc-js, which drops every connection while its files do not fit together, and says nothing of who was refused.
 * @throws Error if the address is taken
 */
export const listenTls = async (
  server: Server,
  { address, identity, log }: { readonly address: string; readonly identity: Identity; readonly log: Log },
): Promise<Listener> => {
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const refused = createTeller(log);
  const listener = createServer({
    ...identity.options(),
    requestCert: true,
    rejectUnauthorized: true,
    ALPNProtocols: ['h2'],
    handshakeTimeout: HANDSHAKE_MS,
  });
  listener.on('secureConnection', (socket) => {
    socket.on('error', () => undefined);
    keepCertificate(socket);
    if (peerNameOf(socket.getPeerCertificate().subjectaltname) !== undefined) return injector.injectConnection(socket);
    refused(socket, 'the certificate names no peer of Plaza');
    socket.destroy();
  });
  listener.on('tlsClientError', (error, socket) => refused(socket, causeOf(error, socket)));
  const unfollow = identity.onChange(() => listener.setSecureContext(identity.options()));
  const { host, port } = parseAddress(address);
  listener.listen(port, host);
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    async close() {
      unfollow();
      // Not so grpc-js: of connections that it did not accept itself it does not know when they have ended.
      await new Promise((resolve) => listener.close(resolve));
    },
  };
};

/** grpc-js asks for it at each call, and to read it takes 0.1 ms. */
const keepCertificate = (socket: TLSSocket): void => {
  const certificate = socket.getPeerCertificate(true);
  socket.getPeerCertificate = () => certificate;
};

/** In a few words. Node just hangs up on a certificate that it does not trust, and has the code of its reason beside the error. */
const causeOf = (error: NodeJS.ErrnoException & { readonly reason?: string }, { authorizationError }: TLSSocket): string =>
  authorizationError ? String(authorizationError) : (error.reason ?? error.code ?? error.message);

/** Says who was refused and why, and how many more for the same reason in the meantime. */
const createTeller = (log: Log) => {
  const told = new Map<string, { readonly until: number; untold: number }>();
  return (socket: Socket, message: string): void => {
    const before = told.get(message);
    if (before && Date.now() < before.until) return void before.untold++;
    log.warn('tls.peer_refused', { peer: socket.remoteAddress, message, refused: 1 + (before?.untold ?? 0) });
    told.set(message, { until: Date.now() + TELL_EVERY_MS, untold: 0 });
  };
};
