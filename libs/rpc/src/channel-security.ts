import { credentials, type ChannelCredentials, type ChannelOptions } from '@grpc/grpc-js';
import type { Log, Metrics, Tls } from '@plaza/core';

import { openIdentity, type Identity } from './identity.ts';
import { peerNameOf } from './peer.ts';

export interface SecurityOptions {
  readonly target: string;
  readonly service?: string | undefined;
  readonly tls?: Tls | undefined;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** How a channel is secured: by nothing, or by certificates of both sides. @throws Error if the files of `tls` do not fit together */
export const securityOf = (
  options: SecurityOptions,
): { readonly credentials: ChannelCredentials; readonly options: ChannelOptions; close(): void } => {
  const { target, service, tls } = options;
  if (!tls) return { credentials: credentials.createInsecure(), options: {}, close: () => undefined };
  if (service === undefined) throw new Error(`which service is at ${target}? Under TLS its certificate must name it`);
  const identity = openIdentity(tls, options);
  return {
    credentials: tlsCredentials(identity, service),
    // Else an address would be asked for as a name.
    options: { 'grpc.ssl_target_name_override': service },
    close: () => identity.close(),
  };
};

/** Connections with the certificate that is ours at that moment, to a server that shows that of `spiffe://plaza/<service>`. */
const tlsCredentials = (identity: Identity, service: string): ChannelCredentials => {
  const verify = {
    // By identity, not by host: a service has many addresses, and at none of them may another one answer in its name.
    checkServerIdentity: (_host: string, { subjectaltname }: { subjectaltname?: string }) => {
      const name = peerNameOf(subjectaltname);
      return name === service ? undefined : new Error(`the server is ${name ?? 'nobody of Plaza'}, not ${service}`);
    },
  };
  const made = () => credentials.createFromSecureContext(identity.context(), verify);
  const lasting = made();
  // A channel asks for a connector once and connects with it again and again: each time it shall be as of now.
  lasting._createSecureConnector = (...about) => {
    const connector = () => made()._createSecureConnector(...about);
    return {
      connect: (socket) => connector().connect(socket),
      waitForReady: () => Promise.resolve(),
      getCallCredentials: () => connector().getCallCredentials(),
      destroy: () => undefined,
    };
  };
  return lasting;
};
