import type { Clock, PageTokens } from '@plaza/core';
import type { LeaderboardServiceDefinition } from '@plaza/proto/plaza/user/v1/leaderboard_service';
import type { SessionServiceDefinition } from '@plaza/proto/plaza/user/v1/session_service';
import type { UserServiceDefinition } from '@plaza/proto/plaza/user/v1/user_service';
import type { WalletServiceDefinition } from '@plaza/proto/plaza/user/v1/wallet_service';
import type { Handlers, Signer } from '@plaza/rpc';

import type { Passwords } from '../passwords.ts';
import type { Secrets } from '../secrets.ts';
import type { CredentialStore } from '../store/credential-store.ts';
import type { HoldStore } from '../store/hold-store.ts';
import type { LifecycleStore } from '../store/lifecycle-store.ts';
import type { PreferenceStore } from '../store/preference-store.ts';
import type { PurgeStore } from '../store/purge-store.ts';
import type { RefundStore } from '../store/refund-store.ts';
import type { RevocationStore } from '../store/revocation-store.ts';
import type { ScoreStore } from '../store/score-store.ts';
import type { SessionStore } from '../store/session-store.ts';
import type { TransferStore } from '../store/transfer-store.ts';
import type { UserChangeStore } from '../store/user-changes.ts';
import type { UserImport } from '../store/user-import.ts';
import type { UserList } from '../store/user-list.ts';
import type { UserStore } from '../store/user-store.ts';
import type { WalletStore } from '../store/wallet-store.ts';
import { addScore } from './add-score.ts';
import { batchCreateUsers } from './batch-create-users.ts';
import { batchGetUsers } from './batch-get-users.ts';
import { captureHold } from './capture-hold.ts';
import { checkSession } from './check-session.ts';
import { createSession } from './create-session.ts';
import { createUser } from './create-user.ts';
import { creditWallet } from './credit-wallet.ts';
import { deleteAllSessions } from './delete-all-sessions.ts';
import { deleteSession } from './delete-session.ts';
import { deleteUser } from './delete-user.ts';
import { getPreferences } from './get-preferences.ts';
import { getPurge } from './get-purge.ts';
import { getRank } from './get-rank.ts';
import { getSession } from './get-session.ts';
import { getUser } from './get-user.ts';
import { getWallet } from './get-wallet.ts';
import { listLedgerEntries } from './list-ledger-entries.ts';
import { listSessions } from './list-sessions.ts';
import { listTopScores } from './list-top-scores.ts';
import { listUsers } from './list-users.ts';
import { lookupUser } from './lookup-user.ts';
import { placeHold } from './place-hold.ts';
import { purgeUser } from './purge-user.ts';
import { refreshSession } from './refresh-session.ts';
import { refundHold } from './refund-hold.ts';
import { releaseHold } from './release-hold.ts';
import { reportErasure } from './report-erasure.ts';
import { setPassword } from './set-password.ts';
import { transferBalance } from './transfer-balance.ts';
import { undeleteUser } from './undelete-user.ts';
import { updatePreferences } from './update-preferences.ts';
import { updateUser } from './update-user.ts';

export type UserHandlers = Handlers<UserServiceDefinition>;
export type SessionHandlers = Handlers<SessionServiceDefinition>;
export type WalletHandlers = Handlers<WalletServiceDefinition>;
export type LeaderboardHandlers = Handlers<LeaderboardServiceDefinition>;

/** All that handlers know of the world; app.ts builds it. */
export interface Deps {
  readonly users: UserStore;
  readonly imports: UserImport;
  readonly changes: UserChangeStore;
  readonly lifecycles: LifecycleStore;
  readonly purges: PurgeStore;
  readonly listing: UserList;
  readonly preferences: PreferenceStore;
  readonly credentials: CredentialStore;
  readonly sessions: SessionStore;
  readonly revocations: RevocationStore;
  readonly wallets: WalletStore;
  readonly holds: HoldStore;
  readonly refunds: RefundStore;
  readonly transfers: TransferStore;
  readonly scores: ScoreStore;
  readonly passwords: Passwords;
  readonly secrets: Secrets;
  readonly signer: Signer;
  readonly pageTokens: PageTokens;
  readonly now: Clock;
  readonly newId: () => string;
}

export const userHandlers = (deps: Deps): UserHandlers => ({
  createUser: createUser(deps),
  batchCreateUsers: batchCreateUsers(deps),
  getUser: getUser(deps),
  batchGetUsers: batchGetUsers(deps),
  lookupUser: lookupUser(deps),
  updateUser: updateUser(deps),
  setPassword: setPassword(deps),
  deleteUser: deleteUser(deps),
  undeleteUser: undeleteUser(deps),
  purgeUser: purgeUser(deps),
  getPurge: getPurge(deps),
  reportErasure: reportErasure(deps),
  listUsers: listUsers(deps),
  getPreferences: getPreferences(deps),
  updatePreferences: updatePreferences(deps),
});

export const sessionHandlers = (deps: Deps): SessionHandlers => ({
  createSession: createSession(deps),
  refreshSession: refreshSession(deps),
  getSession: getSession(deps),
  listSessions: listSessions(deps),
  deleteSession: deleteSession(deps),
  deleteAllSessions: deleteAllSessions(deps),
  checkSession: checkSession(deps),
});

export const walletHandlers = (deps: Deps): WalletHandlers => ({
  getWallet: getWallet(deps),
  creditWallet: creditWallet(deps),
  placeHold: placeHold(deps),
  captureHold: captureHold(deps),
  releaseHold: releaseHold(deps),
  refundHold: refundHold(deps),
  transferBalance: transferBalance(deps),
  listLedgerEntries: listLedgerEntries(deps),
});

export const leaderboardHandlers = (deps: Deps): LeaderboardHandlers => ({
  addScore: addScore(deps),
  listTopScores: listTopScores(deps),
  getRank: getRank(deps),
});
