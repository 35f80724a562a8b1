import type { Clock } from '@plaza/core';
import type { SessionServiceDefinition } from '@plaza/proto/plaza/user/v1/session_service';
import type { UserServiceDefinition } from '@plaza/proto/plaza/user/v1/user_service';
import type { WalletServiceDefinition } from '@plaza/proto/plaza/user/v1/wallet_service';
import type { Handlers, Signer } from '@plaza/rpc';

import type { Passwords } from '../passwords.ts';
import type { Secrets } from '../secrets.ts';
import type { CredentialStore } from '../store/credential-store.ts';
import type { HoldStore } from '../store/hold-store.ts';
import type { SessionStore } from '../store/session-store.ts';
import type { UserImport } from '../store/user-import.ts';
import type { UserStore } from '../store/user-store.ts';
import type { WalletStore } from '../store/wallet-store.ts';
import { batchCreateUsers } from './batch-create-users.ts';
import { batchGetUsers } from './batch-get-users.ts';
import { captureHold } from './capture-hold.ts';
import { createSession } from './create-session.ts';
import { createUser } from './create-user.ts';
import { creditWallet } from './credit-wallet.ts';
import { getUser } from './get-user.ts';
import { getWallet } from './get-wallet.ts';
import { placeHold } from './place-hold.ts';
import { refreshSession } from './refresh-session.ts';
import { releaseHold } from './release-hold.ts';

export type UserHandlers = Handlers<UserServiceDefinition>;
export type SessionHandlers = Handlers<SessionServiceDefinition>;
export type WalletHandlers = Handlers<WalletServiceDefinition>;

/** All that handlers know of the world; app.ts builds it. */
export interface Deps {
  readonly users: UserStore;
  readonly imports: UserImport;
  readonly credentials: CredentialStore;
  readonly sessions: SessionStore;
  readonly wallets: WalletStore;
  readonly holds: HoldStore;
  readonly passwords: Passwords;
  readonly secrets: Secrets;
  readonly signer: Signer;
  readonly now: Clock;
  readonly newId: () => string;
}

export const userHandlers = (deps: Deps): UserHandlers => ({
  createUser: createUser(deps),
  batchCreateUsers: batchCreateUsers(deps),
  getUser: getUser(deps),
  batchGetUsers: batchGetUsers(deps),
});

export const sessionHandlers = (deps: Deps): SessionHandlers => ({
  createSession: createSession(deps),
  refreshSession: refreshSession(deps),
});

export const walletHandlers = (deps: Deps): WalletHandlers => ({
  getWallet: getWallet(deps),
  creditWallet: creditWallet(deps),
  placeHold: placeHold(deps),
  captureHold: captureHold(deps),
  releaseHold: releaseHold(deps),
});
