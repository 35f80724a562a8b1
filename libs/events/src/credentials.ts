import { readFileSync } from 'node:fs';

import { credsAuthenticator, ErrorCode, NatsError, type Authenticator } from 'nats';

/**
 * Logs in by a credentials file, which is read again for each connection: a new one needs no restart. While it cannot be read, what it
 * said last is good.
 * @throws NatsError BAD_CREDS when it cannot be read the first time, as the connection does while it is no such file
 */
export const credentialsIn = (file: string): Authenticator => {
  let known = firstRead(file);
  return credsAuthenticator(() => {
    try {
      known = readFileSync(file);
    } catch {
      // It is being replaced.
    }
    return known;
  });
};

const firstRead = (file: string): Uint8Array => {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new NatsError((error as Error).message, ErrorCode.BadCreds, error as Error);
  }
};

/** The server does not know us, or our own file does not say who we are: waiting alone will not help. */
export const isLoginFailure = (error: unknown): boolean =>
  error instanceof NatsError && (error.isAuthError() || error.code === ErrorCode.BadCreds.valueOf());
