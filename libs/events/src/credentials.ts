import { readFileSync } from 'node:fs';

import { credsAuthenticator, type Authenticator } from 'nats';

/**
 * Logs in by a credentials file, which is read again for each connection: a new one needs no restart. While it cannot be read, what it
 * said last is good.
 * @throws Error when it cannot be read the first time
 */
export const credentialsIn = (file: string): Authenticator => {
  let known = readFileSync(file);
  return credsAuthenticator(() => {
    try {
      known = readFileSync(file);
    } catch {
      // It is being replaced.
    }
    return known;
  });
};
