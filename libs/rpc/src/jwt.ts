import { sign, verify, type KeyObject } from 'node:crypto';

/** What a token says. Times are epoch seconds, as RFC 7519 has them. */
export interface Claims {
  readonly iss: string;
  readonly aud: string;
  readonly sub: string;
  readonly role: 'user' | 'admin' | 'service';
  /** The user that a service acts for. */
  readonly act?: string;
  /** Session of a user's access token, and the user's epoch when it was made. */
  readonly sid?: string;
  readonly ep?: number;
  readonly iat: number;
  readonly exp: number;
}

const MAX_LENGTH = 2_048;

/** A compact JWS. The algorithm is fixed to EdDSA over Ed25519, and the key id is the issuer. */
export const encodeJwt = (claims: Claims, key: KeyObject): string => {
  const head = part({ alg: 'EdDSA', kid: claims.iss, typ: 'JWT' });
  const signed = `${head}.${part(claims)}`;
  return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`;
};

/**
 * The claims of a token whose signature holds under the key that it names; undefined for anything else. Whether they
 * allow anything is for the verifier to say.
 */
export const decodeJwt = (token: string, keyOf: (kid: string) => KeyObject | undefined): Partial<Claims> | undefined => {
  if (token.length > MAX_LENGTH) return undefined;
  const [head, body, signature, more] = token.split('.');
  if (!head || !body || !signature || more !== undefined) return undefined;
  const { alg, kid } = parse<{ alg: string; kid: string }>(head);
  // The header never chooses the algorithm: that is how "alg: none" and key confusion get in.
  if (alg !== 'EdDSA' || typeof kid !== 'string') return undefined;
  const key = keyOf(kid);
  if (!key || !verify(null, Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url'))) return undefined;
  const claims = parse<Claims>(body);
  return claims.iss === kid ? claims : undefined;
};

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const parse = <T>(text: string): Partial<T> => {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
};
