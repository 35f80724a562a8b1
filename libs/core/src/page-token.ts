import { createCipheriv, createDecipheriv, createHash, createHmac, timingSafeEqual } from 'node:crypto';

import { AppError } from './errors.ts';

export interface PageTokens {
  /** An opaque token that continues after `position`, good only for this scope. */
  encode(scope: PageScope, position: unknown): string;
  /** The position inside, or undefined for the empty token. Throws INVALID_ARGUMENT PAGE_TOKEN_INVALID. */
  decode<Position>(scope: PageScope, token: string): Position | undefined;
}

/** What a token is bound to: it is worthless to another method, caller or filter. */
export interface PageScope {
  readonly method: string;
  readonly caller: string;
  readonly filter: string;
  /** The request's field that holds the token; page_token by default. */
  readonly field?: string;
}

const SIGNATURE_BYTES = 16;

/**
 * HMAC-SHA-256 over scope and position, cut to 128 bits, which is also the counter by which the position is encrypted (AES-256-CTR):
 * a place may be that of a row which the caller must not see. Equal places have equal tokens. They do not expire: a saved place
 * in a feed stays good.
 */
export const createPageTokens = (secret: string): PageTokens => {
  const key = createHash('sha256').update(`page token ${secret}`).digest();
  return {
    encode: (scope, position) => {
      const body = Buffer.from(JSON.stringify(position));
      const signature = sign(secret, scope, body);
      return Buffer.concat([signature, createCipheriv('aes-256-ctr', key, signature).update(body)]).toString('base64url');
    },
    decode: <Position>(scope: PageScope, token: string) => {
      if (token === '') return undefined;
      const bytes = Buffer.from(token, 'base64url');
      if (bytes.length <= SIGNATURE_BYTES || bytes.toString('base64url') !== token) throw pageTokenInvalid(scope);
      const signature = bytes.subarray(0, SIGNATURE_BYTES);
      const body = createDecipheriv('aes-256-ctr', key, signature).update(bytes.subarray(SIGNATURE_BYTES));
      if (!timingSafeEqual(signature, sign(secret, scope, body))) throw pageTokenInvalid(scope);
      return JSON.parse(body.toString()) as Position;
    },
  };
};

const pageTokenInvalid = ({ field = 'page_token' }: PageScope) =>
  new AppError(
    'INVALID_ARGUMENT',
    'PAGE_TOKEN_INVALID',
    `${field} is not one that was given to this caller for this; start again without it`,
    { domain: 'plaza', violations: [{ field, description: 'tampered with, or given for another call' }] },
  );

const sign = (secret: string, scope: PageScope, body: Buffer): Buffer =>
  createHmac('sha256', secret)
    .update(JSON.stringify([scope.method, scope.caller, scope.filter]))
    .update(body)
    .digest()
    .subarray(0, SIGNATURE_BYTES);

/** 0 means 20. The schema refuses what is below 0 or above 100. */
export const pageSizeOf = (requested: number): number => (requested === 0 ? 20 : requested);
