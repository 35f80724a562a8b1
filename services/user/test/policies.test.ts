import { newId, type Context } from '@plaza/core';
import { LeaderboardServiceDefinition } from '@plaza/proto/plaza/user/v1/leaderboard_service';
import { SessionServiceDefinition } from '@plaza/proto/plaza/user/v1/session_service';
import { UserServiceDefinition, UserState } from '@plaza/proto/plaza/user/v1/user_service';
import { WalletServiceDefinition } from '@plaza/proto/plaza/user/v1/wallet_service';
import { admittedCallers, asAdmin, asService, asUser, testContext } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { euro, people } from './builders.ts';
import { startService, type Service } from './service.ts';

// Every RPC by every kind of caller. The table says who is let in; an RPC that is not in it fails the test.
let service: Service;
let owner: string;
let other: string;
beforeAll(async () => {
  service = await startService();
  [owner, other] = (await people(service, 2)) as [string, string];
});
afterAll(() => service.close());

const PEERS = ['order', 'product', 'social-graph', 'feed'];
const EVERYBODY = ['anonymous', 'owner', 'other', 'admin', ...PEERS];
const OWN = ['owner', 'admin'];

const ADMITTED: Readonly<Record<string, readonly string[]>> = {
  'UserService/CreateUser': EVERYBODY,
  'UserService/BatchCreateUsers': ['admin'],
  'UserService/GetUser': EVERYBODY,
  'UserService/BatchGetUsers': ['owner', 'other', 'admin', ...PEERS],
  'UserService/LookupUser': ['admin', ...PEERS],
  'UserService/UpdateUser': OWN,
  'UserService/SetPassword': OWN,
  'UserService/DeleteUser': OWN,
  'UserService/UndeleteUser': ['admin'],
  'UserService/PurgeUser': ['admin'],
  'UserService/GetPurge': ['admin'],
  'UserService/ReportErasure': PEERS,
  'UserService/ListUsers': ['admin'],
  'UserService/GetPreferences': [...OWN, 'order', 'feed'],
  'UserService/UpdatePreferences': OWN,
  'SessionService/CreateSession': EVERYBODY,
  'SessionService/RefreshSession': EVERYBODY,
  'SessionService/GetSession': ['owner', 'other'],
  'SessionService/ListSessions': OWN,
  'SessionService/DeleteSession': OWN,
  'SessionService/DeleteAllSessions': OWN,
  'SessionService/CheckSession': PEERS,
  'WalletService/GetWallet': [...OWN, 'order'],
  'WalletService/CreditWallet': ['admin'],
  'WalletService/PlaceHold': ['order'],
  'WalletService/CaptureHold': ['order'],
  'WalletService/ReleaseHold': ['order'],
  'WalletService/RefundHold': ['order'],
  'WalletService/TransferBalance': ['owner', 'order'],
  'WalletService/ListLedgerEntries': OWN,
  'LeaderboardService/AddScore': ['admin', ...PEERS],
  'LeaderboardService/ListTopScores': EVERYBODY,
  'LeaderboardService/GetRank': EVERYBODY,
};

const CALLERS: Readonly<Record<string, () => Context>> = {
  anonymous: () => testContext({ caller: { kind: 'anonymous' } }),
  owner: () => asUser(owner),
  other: () => asUser(other),
  admin: () => asAdmin(),
  ...Object.fromEntries(PEERS.map((peer) => [peer, () => asService(peer, owner)])),
};

const RPCS = [
  ['users', UserServiceDefinition],
  ['sessions', SessionServiceDefinition],
  ['wallets', WalletServiceDefinition],
  ['leaderboards', LeaderboardServiceDefinition],
] as const;

const CELLS = RPCS.flatMap(([client, { name, methods }]) =>
  Object.entries(methods).map(([key, method]) => ({ rpc: `${name}/${method.name}`, client, key })),
);

test('the table names every RPC', () => {
  expect(Object.keys(ADMITTED)).toEqual(CELLS.map(({ rpc }) => rpc));
});

test.each(CELLS)('$rpc', async ({ rpc, client, key }) => {
  const call = (service[client] as unknown as Record<string, Call>)[key]!;
  expect(await admittedCallers(CALLERS, (ctx) => call(ctx, bodyOf(key)))).toEqual(ADMITTED[rpc]);
});

type Call = (ctx: Context, body: object) => Promise<unknown>;

/** Valid, of the owner where it names somebody, and mostly about nothing that exists: that is found out after the policy. */
const bodyOf = (key: string): object => {
  const username = `p${newId().slice(-12).toLowerCase()}`;
  const person = { username, email: `${username}@example.org`, requestId: newId() };
  const special: Record<string, object> = {
    createUser: person,
    batchCreateUsers: { users: [person] },
    getUser: { by: { $case: 'userId', value: other } },
    batchGetUsers: { userIds: [other] },
    lookupUser: { email: 'nobody@example.org' },
    updateUser: { userId: owner, changes: { bio: 'Hello' }, updateMask: ['bio'] },
    setPassword: { userId: owner, currentPassword: 'wrong', newPassword: 'correct horse battery' },
    // Of a version that is gone, or the next caller would find nobody.
    deleteUser: { userId: owner, etag: '0' },
    listUsers: { state: UserState.ACTIVE },
    updatePreferences: { userId: owner, preferences: { sharePurchases: true }, updateMask: ['share_purchases'] },
    createSession: { login: 'nobody', password: 'correct horse battery' },
    refreshSession: { refreshToken: 'x'.repeat(43) },
    getSession: {},
    deleteSession: { userId: owner, sessionId: newId() },
    checkSession: { userId: owner, sessionId: newId(), epoch: 0n },
    creditWallet: { userId: owner, amount: euro(1) },
    placeHold: { orderId: newId(), userId: owner, amount: euro(1) },
    captureHold: { orderId: newId(), payouts: [{ userId: other, amount: euro(1) }] },
    releaseHold: { orderId: newId() },
    refundHold: { orderId: newId(), refundId: newId(), parts: [{ userId: other, amount: euro(1) }] },
    transferBalance: { fromUserId: owner, toUserId: other, amount: euro(1) },
    addScore: { board: 'matrix', userId: owner, delta: 1n, eventId: newId() },
    listTopScores: { board: 'matrix' },
    getRank: { board: 'matrix', userId: owner },
  };
  return special[key] ?? { userId: owner };
};
