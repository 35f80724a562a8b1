import { AppError, type Caller } from '@plaza/core';

/** The part of a call that tells whose certificate its connection has. */
export interface PeerCall {
  getAuthContext(): { readonly sslPeerCertificate?: { readonly subjectaltname?: string } };
}

/** Who stands between people and services, and brings their tokens. */
const EDGES: readonly string[] = ['gateway', 'operator'];

/** Whose certificate it is: that of `spiffe://plaza/<name>`. Undefined if it says nothing of the kind, or more than that. */
export const peerNameOf = (subjectAltName: string | undefined): string | undefined => {
  const uris = (subjectAltName ?? '').split(', ').filter((name) => name.startsWith('URI:'));
  const [, name] = /^URI:spiffe:\/\/plaza\/([a-z][a-z0-9-]*)$/.exec(uris[0] ?? '') ?? [];
  return uris.length === 1 ? name : undefined;
};

export const peerOf = (call: PeerCall): string | undefined =>
  peerNameOf(call.getAuthContext().sslPeerCertificate?.subjectaltname);

/**
 * Holds the token against the certificate of whoever brought it: a service's comes from that service, a person's from the edge.
 * So a token that was stolen is of no use without its owner's key.
 * @throws AppError UNAUTHENTICATED PEER_MISMATCH
 */
export const admitPeer = (caller: Caller, peer: string | undefined): void => {
  const fits = caller.kind === 'service' ? peer === caller.service : peer !== undefined && EDGES.includes(peer);
  if (fits) return;
  throw new AppError(
    'UNAUTHENTICATED',
    'PEER_MISMATCH',
    "the call's token is not one that the peer of this certificate may bring",
    {
      domain: 'plaza',
    },
  );
};
