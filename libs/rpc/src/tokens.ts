import type { Caller, Clock, Context } from '@plaza/core';

export interface Keyring {
  readonly signingKeys: Record<string, string>;
  readonly verifyKeys: Record<string, string>;
}
export const generateKeyring = (_issuers: readonly string[]): Keyring => {
  throw new Error('soon');
};

export interface Signer {
  accessToken(options: { userId: string; ttlMs: number }): string;
  adminToken(options: { ttlMs: number }): string;
  /** Valid for 60 s. */
  serviceToken(userId?: string): string;
}
export const createSigner = (_options: { issuer: string; signingKey: string; now?: Clock }): Signer => {
  throw new Error('soon');
};

export interface Verifier {
  verify(token: string): Caller;
}
export const createVerifier = (_verifyKeys: Readonly<Record<string, string>>, _now?: Clock): Verifier => {
  throw new Error('soon');
};

export const serviceToken =
  (_signer: Signer) =>
  (_ctx: Context): string => {
    throw new Error('soon');
  };
