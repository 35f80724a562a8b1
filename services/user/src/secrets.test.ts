import { expect, test } from 'vitest';

import { createSecrets } from './secrets.ts';

test('a grant gives the same token again, but only with the key that gave the first', () => {
  const secrets = createSecrets('a signing key');
  const grant = { seed: secrets.newSeed() };
  const token = secrets.refreshToken(grant);
  expect(Buffer.from(token, 'base64url')).toHaveLength(32);
  expect(createSecrets('a signing key').refreshToken(grant)).toBe(token);
  expect(createSecrets('another key').refreshToken(grant)).not.toBe(token);
  expect(secrets.refreshToken({ seed: secrets.newSeed() })).not.toBe(token);
});

test('what the table holds is neither the token nor the password', () => {
  const secrets = createSecrets('a signing key');
  const seed = secrets.newSeed();
  expect(new Set([seed, secrets.refreshToken({ seed }), secrets.digest(secrets.refreshToken({ seed }))]).size).toBe(3);
  expect(secrets.fingerprint('open sesame')).not.toBe(secrets.digest('open sesame'));
});
