import { createHmac, createPrivateKey } from 'node:crypto';

import { isAppError } from '@plaza/core';
import { describe, expect, test } from 'vitest';

import { createSigner, createVerifier, generateKeyring } from '../src/index.ts';
import { encodeJwt, type Claims } from '../src/jwt.ts';

const NOW = 1_800_000_000_000;
const keys = generateKeyring(['user', 'order']);
const verifier = createVerifier(keys.verifyKeys, () => NOW);
const signer = (issuer: string, now = NOW) => createSigner({ issuer, signingKey: keys.signingKeys[issuer]!, now: () => now });

describe('who is admitted', () => {
  test('a user, an admin, a service, and a service for a user', () => {
    expect(verifier.verify(signer('user').accessToken({ userId: 'u1', ttlMs: 1_000 }))).toEqual({ kind: 'user', userId: 'u1' });
    expect(verifier.verify(signer('user').adminToken({ ttlMs: 1_000 }))).toEqual({ kind: 'admin' });
    expect(verifier.verify(signer('user').serviceToken())).toEqual({ kind: 'service', service: 'user' });
    expect(verifier.verify(signer('order').serviceToken())).toEqual({ kind: 'service', service: 'order' });
    expect(verifier.verify(signer('order').serviceToken('u1'))).toEqual({ kind: 'service', service: 'order', userId: 'u1' });
  });

  test('a user in a session', () => {
    const session = { id: 's1', epoch: 3 };
    const token = signer('user').accessToken({ userId: 'u1', ttlMs: 1_000, session });
    expect(verifier.verify(token)).toEqual({ kind: 'user', userId: 'u1', session });
  });

  test('clocks may differ by a minute', () => {
    const token = (now: number) => signer('user', now).accessToken({ userId: 'u1', ttlMs: 1_000 });
    expect(verifier.verify(token(NOW - 59_000))).toMatchObject({ userId: 'u1' });
    expect(verifier.verify(token(NOW + 59_000))).toMatchObject({ userId: 'u1' });
  });

  test('a service token is made anew after 30 s, not for every call', () => {
    let now = NOW;
    const order = createSigner({ issuer: 'order', signingKey: keys.signingKeys['order']!, now: () => now });
    const first = order.serviceToken('u1');
    expect(order.serviceToken('u1')).toBe(first);
    expect(order.serviceToken('u2')).not.toBe(first);
    now += 30_000;
    expect(order.serviceToken('u1')).not.toBe(first);
  });
});

describe('what is refused', () => {
  const good: Claims = { iss: 'user', aud: 'plaza', sub: 'u1', role: 'user', iat: NOW / 1_000, exp: NOW / 1_000 + 60 };
  const key = (issuer: string) =>
    createPrivateKey({ key: Buffer.from(keys.signingKeys[issuer]!, 'base64url'), type: 'pkcs8', format: 'der' });
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const [head = '', body = '', signature = ''] = encodeJwt(good, key('user')).split('.');

  test('the token that the cases below spoil is good', () => {
    expect(verifier.verify([head, body, signature].join('.'))).toEqual({ kind: 'user', userId: 'u1' });
  });

  const hs256 = `${part({ alg: 'HS256', kid: 'user' })}.${body}`;
  const cases: Record<string, string> = {
    nothing: '',
    'no token at all': 'hello',
    'two parts': `${head}.${body}`,
    'four parts': `${head}.${body}.${signature}.${signature}`,
    'alg none': `${part({ alg: 'none', kid: 'user' })}.${body}.`,
    'alg none with the old signature': `${part({ alg: 'none', kid: 'user' })}.${body}.${signature}`,
    'HMAC with the public key': `${hs256}.${createHmac('sha256', keys.verifyKeys['user']!).update(hs256).digest('base64url')}`,
    'another body under the signature': `${head}.${part({ ...good, sub: 'u2' })}.${signature}`,
    'a flipped signature': `${head}.${body}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`,
    'an unknown key id': encodeJwt({ ...good, iss: 'stranger' }, key('user')),
    'the key id of another issuer': encodeJwt({ ...good, iss: 'order' }, key('user')),
    'a prototype as key id': encodeJwt({ ...good, iss: '__proto__' }, key('user')),
    'issued in the future': encodeJwt({ ...good, iat: NOW / 1_000 + 61 }, key('user')),
    'without expiry': encodeJwt({ ...good, exp: undefined as never }, key('user')),
    'another audience': encodeJwt({ ...good, aud: 'elsewhere' }, key('user')),
    'without subject': encodeJwt({ ...good, sub: '' }, key('user')),
    'half a session': encodeJwt({ ...good, sid: 's1' }, key('user')),
    'an epoch without a session': encodeJwt({ ...good, ep: 0 }, key('user')),
    'a session that is no text': encodeJwt({ ...good, sid: {} as never, ep: 0 }, key('user')),
    'an epoch that is no number': encodeJwt({ ...good, sid: 's1', ep: '0' as never }, key('user')),
    'an epoch below zero': encodeJwt({ ...good, sid: 's1', ep: -1 }, key('user')),
    'expired, and of another audience': encodeJwt({ ...good, exp: NOW / 1_000 - 60, aud: 'elsewhere' }, key('user')),
    'expired, and wrongly signed': encodeJwt({ ...good, exp: NOW / 1_000 - 60 }, key('order')),
    'an unknown role': encodeJwt({ ...good, role: 'root' as never }, key('user')),
    'a foreign issuer asserting admin': encodeJwt({ ...good, iss: 'order', role: 'admin' }, key('order')),
    'a foreign issuer asserting a user': encodeJwt({ ...good, iss: 'order' }, key('order')),
    'one service posing as another': encodeJwt({ ...good, iss: 'order', role: 'service', sub: 'feed' }, key('order')),
    'the user service posing as another': encodeJwt({ ...good, role: 'service', sub: 'order' }, key('user')),
    'a body that is no object': `${head}.${part('hi')}.${signature}`,
    'a megabyte': 'a'.repeat(2 ** 20),
  };
  test.each(Object.entries(cases))('%s', (_name, token) => {
    let thrown: unknown;
    try {
      verifier.verify(token);
    } catch (error) {
      thrown = error;
    }
    expect(isAppError(thrown, 'TOKEN_INVALID')).toBe(true);
    expect(thrown).toMatchObject({ code: 'UNAUTHENTICATED', details: { domain: 'plaza' } });
  });

  test('a token that is over by more than the skew is told to be so', () => {
    const over = encodeJwt({ ...good, exp: NOW / 1_000 - 60 }, key('user'));
    expect(() => verifier.verify(over)).toThrow(expect.objectContaining({ code: 'UNAUTHENTICATED', reason: 'TOKEN_EXPIRED' }));
  });

  test('a remembered token is refused once it has expired', () => {
    let now = NOW;
    const remembering = createVerifier(keys.verifyKeys, () => now);
    const token = signer('user').accessToken({ userId: 'u1', ttlMs: 1_000 });
    remembering.verify(token);
    now += 61_001;
    expect(() => remembering.verify(token)).toThrow(expect.objectContaining({ reason: 'TOKEN_EXPIRED' }));
  });
});
