import { amountOf, idTime, moneyOf, type Amount, type AppError, type Caller } from '@plaza/core';
import type { Money } from '@plaza/proto/google/type/money';
import type { Score as ScoreMessage } from '@plaza/proto/plaza/user/v1/leaderboard_service';
import type { Session as SessionMessage, Tokens } from '@plaza/proto/plaza/user/v1/session_service';
import {
  PurgeState,
  UserState,
  type BatchCreateUsersResult,
  type GetPreferencesResponse,
  type Purge as PurgeMessage,
  type User as UserMessage,
} from '@plaza/proto/plaza/user/v1/user_service';
import {
  LedgerKind,
  type LedgerEntry as LedgerEntryMessage,
  type Payout as PayoutMessage,
  type Transfer as TransferMessage,
  type Wallet as WalletMessage,
} from '@plaza/proto/plaza/user/v1/wallet_service';
import { encodeStatus } from '@plaza/rpc';

import { amountInvalid } from './domain/errors.ts';
import type { Payout } from './domain/hold.ts';
import type { LedgerEntry } from './domain/ledger.ts';
import type { Family, Grant } from './domain/session.ts';
import type { Standing } from './domain/score.ts';
import type { Transfer } from './domain/transfer.ts';
import type { Preferences } from './domain/preferences.ts';
import { ERASING_SERVICES, type Purge } from './domain/purge.ts';
import type { User, UserState as State } from './domain/user.ts';
import type { Wallet } from './domain/wallet.ts';

const DOMAIN = 'plaza.user';

/** As the user itself and admins see it. */
export const privateMessage = (user: User): UserMessage => ({
  userId: user.userId,
  username: user.username,
  email: user.email,
  displayName: user.displayName,
  bio: user.bio,
  etag: String(user.version),
  createTime: new Date(user.createdAt),
  updateTime: new Date(user.updatedAt),
  imageUrl: user.imageUrl,
  isPrivate: user.isPrivate,
  state: UserState[user.state],
  deleteTime: user.deletedAt === undefined ? undefined : new Date(user.deletedAt),
});

/** As this caller may see it: an e-mail address is shown to its owner and to admins, never to another user or service. */
export const userMessage = (user: User, caller: Caller): UserMessage => {
  const intimate = caller.kind === 'admin' || (caller.kind === 'user' && caller.userId === user.userId);
  return intimate ? privateMessage(user) : { ...privateMessage(user), email: '' };
};

export const creationResult = (outcome: User | AppError): BatchCreateUsersResult => ({
  result:
    outcome instanceof Error
      ? { $case: 'error', value: encodeStatus(outcome, DOMAIN) }
      : { $case: 'user', value: privateMessage(outcome) },
});

/** The schema admits no other value than those of domain/user.ts. */
export const stateFrom = (state: UserState): State => {
  const name = (['ACTIVE', 'DELETED', 'PURGED'] as const).find((it) => UserState[it] === state);
  if (name === undefined) throw new Error(`no state of a user: ${state}`);
  return name;
};

export const purgeMessage = ({ userId, state, createdAt, finishedAt, receipts }: Purge): PurgeMessage => ({
  userId,
  state: PurgeState[state],
  createTime: new Date(createdAt),
  finishTime: finishedAt === undefined ? undefined : new Date(finishedAt),
  receipts: ERASING_SERVICES.map((service) => {
    const { reportedAt, erased = [], kept = [] } = receipts[service] ?? {};
    return {
      service,
      reportTime: reportedAt === undefined ? undefined : new Date(reportedAt),
      erased: erased.map(({ kind, count }) => ({ kind, count: BigInt(count) })),
      kept: [...kept],
    };
  }),
});

export const preferencesMessage = ({ sharePurchases, version }: Preferences): GetPreferencesResponse => ({
  preferences: { sharePurchases },
  etag: String(version),
});

export const tokensMessage = (grant: Grant, accessToken: string, refreshToken: string): Tokens => ({
  accessToken,
  accessExpireTime: new Date(grant.accessEndsAt),
  refreshToken,
  refreshExpireTime: new Date(grant.refreshEndsAt),
});

export const sessionMessage = (family: Family, caller: Caller): SessionMessage => ({
  sessionId: family.familyId,
  userId: family.userId,
  createTime: new Date(family.startedAt),
  refreshTime: new Date(family.refreshedAt),
  expireTime: new Date(family.endsAt),
  current: caller.kind === 'user' && caller.session?.id === family.familyId,
});

export const walletMessage = ({ userId, currency, balance, available, held }: Wallet): WalletMessage => {
  const money = (minor: number) => moneyOf({ currency, minor });
  return { userId, balance: money(balance), available: money(available), held: money(held) };
};

export const transferMessage = (transfer: Transfer): TransferMessage => ({
  transferId: transfer.transferId,
  fromUserId: transfer.fromUserId,
  toUserId: transfer.toUserId,
  amount: moneyOf(transfer),
  createTime: new Date(transfer.createdAt),
});

export const ledgerEntryMessage = (entry: LedgerEntry): LedgerEntryMessage => ({
  entryId: entry.entryId,
  kind: LedgerKind[entry.kind],
  amount: moneyOf(entry),
  reference: entry.reference,
  counterpartyId: entry.counterparty ?? '',
  note: entry.note ?? '',
  createTime: new Date(entry.createdAt),
});

export const scoreMessage = ({ userId, score, reachedId, rank }: Standing): ScoreMessage => ({
  userId,
  score: BigInt(score),
  rank: BigInt(rank),
  reachTime: new Date(idTime(reachedId)),
});

/** Throws INVALID_ARGUMENT AMOUNT_INVALID for what is no whole number of minor units of a traded currency. */
export const amountFrom = (money: Money | undefined, field: string): Amount => {
  if (money === undefined) throw amountInvalid(field, 'is missing');
  return amountOf(money, field, { reason: 'AMOUNT_INVALID', domain: DOMAIN });
};

export const payoutsFrom = (payouts: readonly PayoutMessage[], field: string): Payout[] =>
  payouts.map(({ userId, amount }, i) => ({ userId, ...amountFrom(amount, `${field}[${i}].amount`) }));
