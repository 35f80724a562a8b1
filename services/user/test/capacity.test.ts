import { readFileSync, writeFileSync } from 'node:fs';

import { newId } from '@plaza/core';
import { LeaderboardServiceDefinition } from '@plaza/proto/plaza/user/v1/leaderboard_service';
import { SessionServiceDefinition } from '@plaza/proto/plaza/user/v1/session_service';
import { UserServiceDefinition, UserState } from '@plaza/proto/plaza/user/v1/user_service';
import { WalletServiceDefinition } from '@plaza/proto/plaza/user/v1/wallet_service';
import { asAdmin, asService, asUser, testContext } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { euro, people, registration } from './builders.ts';
import { startService, type Service } from './service.ts';

// What each RPC consumes in its ordinary case, with nothing cached, as DynamoDB itself reports it. The table in the README is the
// budget: whoever changes a store sees here what it costs. CAPACITY=write writes the table anew.
let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const README = new URL('../README.md', import.meta.url);
const BLOCK = /(<!-- capacity -->\n)([^]*?)(\n<!-- \/capacity -->)/;
const PASSWORD = 'correct horse battery';
/** A try that was repeated, on a busy machine, consumed more: the least of some tries is what the RPC needs. */
const TRIES = 3;

test('every RPC consumes what the README says', { timeout: 120_000 }, async () => {
  const rows: string[] = [];
  const scenarios = scenariosOf(service);
  expect(Object.keys(scenarios)).toEqual(RPCS);
  for (const rpc of RPCS) rows.push(rowOf(rpc, await leastOf(rpc, scenarios[rpc]!)));
  const table = [HEAD, ...rows].join('\n');

  const text = readFileSync(README, 'utf8');
  const written = text.replace(BLOCK, (_, begin, __, end) => `${begin}${table}${end}`);
  if (process.env['CAPACITY'] === 'write') writeFileSync(README, written);
  // A difference is a budget that is exceeded, or a table that is out of date.
  expect(cells(table)).toEqual(cells(readFileSync(README, 'utf8')));
});

const RPCS = [UserServiceDefinition, SessionServiceDefinition, WalletServiceDefinition, LeaderboardServiceDefinition].flatMap(
  ({ name, methods }) => Object.values(methods).map((method) => `${name}/${method.name}`),
);

/** What was set up, and the call that is measured. */
type Scenario = () => Promise<() => Promise<unknown>>;

const scenariosOf = ({ users, sessions, wallets, leaderboards }: Service): Record<string, Scenario> => {
  const person = async (euros = 0) => (await people(service, 1, euros))[0]!;
  const anyone = () => testContext({ caller: { kind: 'anonymous' } });
  const forOrder = () => asService('order');
  const member = async () => {
    const wish = registration({ password: PASSWORD });
    const { user } = await users.createUser(anyone(), wish);
    return { userId: user!.userId, login: wish.username, email: wish.email };
  };
  const signedIn = async () => {
    const { userId, login } = await member();
    const { tokens } = await sessions.createSession(anyone(), { login, password: PASSWORD, requestId: newId() });
    const { sessions: list } = await sessions.listSessions(asUser(userId), { userId });
    return { userId, sessionId: list[0]!.sessionId, refreshToken: tokens!.refreshToken };
  };
  const deleted = async () => {
    const userId = await person();
    await users.deleteUser(asAdmin(), { userId, requestId: newId() });
    return userId;
  };
  const purging = async () => {
    const userId = await deleted();
    await users.purgeUser(asAdmin(), { userId, requestId: newId() });
    return userId;
  };
  const held = async () => {
    const [buyer, seller] = (await people(service, 2, 20)) as [string, string];
    const orderId = newId();
    await wallets.placeHold(forOrder(), { orderId, userId: buyer, amount: euro(5), requestId: newId() });
    return { orderId, payouts: [{ userId: seller, amount: euro(5) }] };
  };
  const board = `b${newId().toLowerCase()}`;
  const scored = async () => {
    const userId = await person();
    await leaderboards.addScore(asAdmin(), { board, userId, delta: 5n, eventId: newId() });
    return userId;
  };
  const request = <T extends object>(body: T) => ({ ...body, requestId: newId() });

  return {
    'UserService/CreateUser': async () => () => users.createUser(anyone(), registration({ password: PASSWORD })),
    'UserService/BatchCreateUsers': async () => () =>
      users.batchCreateUsers(asAdmin(), { users: Array.from({ length: 25 }, () => registration()) }),
    'UserService/GetUser': async () => {
      const userId = await person();
      return () => users.getUser(anyone(), { by: { $case: 'userId', value: userId } });
    },
    'UserService/BatchGetUsers': async () => {
      const userIds = await people(service, 25);
      return () => users.batchGetUsers(asAdmin(), { userIds });
    },
    'UserService/LookupUser': async () => {
      const { email } = await member();
      return () => users.lookupUser(asAdmin(), { email });
    },
    'UserService/UpdateUser': async () => {
      const userId = await person();
      const changes = { username: `n${newId().slice(-12)}`.toLowerCase() };
      return () => users.updateUser(asUser(userId), request({ userId, changes, updateMask: ['username'] }));
    },
    'UserService/SetPassword': async () => {
      const { userId } = await member();
      return () => users.setPassword(asAdmin(), request({ userId, newPassword: 'another horse battery' }));
    },
    'UserService/DeleteUser': async () => {
      const userId = await person();
      return () => users.deleteUser(asUser(userId), request({ userId }));
    },
    'UserService/UndeleteUser': async () => {
      const userId = await deleted();
      return () => users.undeleteUser(asAdmin(), request({ userId }));
    },
    'UserService/PurgeUser': async () => {
      const userId = await deleted();
      return () => users.purgeUser(asAdmin(), request({ userId }));
    },
    'UserService/GetPurge': async () => {
      const userId = await purging();
      return () => users.getPurge(asAdmin(), { userId });
    },
    'UserService/ReportErasure': async () => {
      const userId = await purging();
      return () => users.reportErasure(forOrder(), { userId, erased: [{ kind: 'addresses', count: 3n }] });
    },
    'UserService/ListUsers': async () => {
      await people(service, 20);
      return () => users.listUsers(asAdmin(), { state: UserState.ACTIVE, pageSize: 20 });
    },
    'UserService/GetPreferences': async () => {
      const userId = await person();
      return () => users.getPreferences(asUser(userId), { userId });
    },
    'UserService/UpdatePreferences': async () => {
      const userId = await person();
      const wish = { userId, preferences: { sharePurchases: true }, updateMask: ['share_purchases'] };
      return () => users.updatePreferences(asUser(userId), request(wish));
    },
    'SessionService/CreateSession': async () => {
      const { login } = await member();
      return () => sessions.createSession(anyone(), request({ login, password: PASSWORD }));
    },
    'SessionService/RefreshSession': async () => {
      const { refreshToken } = await signedIn();
      return () => sessions.refreshSession(anyone(), request({ refreshToken }));
    },
    'SessionService/GetSession': async () => {
      const { userId } = await signedIn();
      return () => sessions.getSession(asUser(userId), {});
    },
    'SessionService/ListSessions': async () => {
      const { userId } = await signedIn();
      return () => sessions.listSessions(asUser(userId), { userId });
    },
    'SessionService/DeleteSession': async () => {
      const { userId, sessionId } = await signedIn();
      return () => sessions.deleteSession(asUser(userId), request({ userId, sessionId }));
    },
    'SessionService/DeleteAllSessions': async () => {
      const { userId } = await signedIn();
      return () => sessions.deleteAllSessions(asUser(userId), request({ userId }));
    },
    'SessionService/CheckSession': async () => {
      const { userId, sessionId } = await signedIn();
      return () => sessions.checkSession(forOrder(), { userId, sessionId, epoch: 0n });
    },
    'WalletService/GetWallet': async () => {
      const userId = await person();
      return () => wallets.getWallet(asUser(userId), { userId });
    },
    'WalletService/CreditWallet': async () => {
      const userId = await person();
      return () => wallets.creditWallet(asAdmin(), request({ userId, amount: euro(5), reason: 'gift' }));
    },
    'WalletService/PlaceHold': async () => {
      const userId = await person(20);
      return () => wallets.placeHold(forOrder(), request({ orderId: newId(), userId, amount: euro(5) }));
    },
    'WalletService/CaptureHold': async () => {
      const { orderId, payouts } = await held();
      return () => wallets.captureHold(forOrder(), request({ orderId, payouts }));
    },
    'WalletService/ReleaseHold': async () => {
      const { orderId } = await held();
      return () => wallets.releaseHold(forOrder(), request({ orderId }));
    },
    'WalletService/TransferBalance': async () => {
      const [from, to] = (await people(service, 2, 20)) as [string, string];
      return () => wallets.transferBalance(asUser(from), request({ fromUserId: from, toUserId: to, amount: euro(5) }));
    },
    'WalletService/ListLedgerEntries': async () => {
      const userId = await person(20);
      return () => wallets.listLedgerEntries(asUser(userId), { userId });
    },
    'LeaderboardService/AddScore': async () => {
      const userId = await person();
      return () => leaderboards.addScore(asAdmin(), { board, userId, delta: 5n, eventId: newId() });
    },
    'LeaderboardService/ListTopScores': async () => {
      await scored();
      return () => leaderboards.listTopScores(anyone(), { board });
    },
    'LeaderboardService/GetRank': async () => {
      const userId = await scored();
      return () => leaderboards.getRank(anyone(), { board, userId });
    },
  };
};

/** Units by `kind index`, index empty for the table itself. */
type Units = Readonly<Record<string, number>>;

const leastOf = async (rpc: string, scenario: Scenario): Promise<Units> => {
  const tries: Units[] = [];
  for (let i = 0; i < TRIES; i++) {
    const call = await scenario();
    const before = await unitsOf(rpc);
    await call();
    const after = await unitsOf(rpc);
    tries.push(Object.fromEntries(Object.entries(after).map(([place, units]) => [place, units - (before[place] ?? 0)])));
  }
  return tries.reduce((least, units) => (sum(units) < sum(least) ? units : least));
};

const sum = (units: Units): number => Object.values(units).reduce((total, some) => total + some, 0);

const unitsOf = async (rpc: string): Promise<Units> => {
  const text = await (await fetch(`http://127.0.0.1:${service.app.adminPort}/metrics`)).text();
  const lines = text.matchAll(/^dynamo_(consumed_capacity_units|transaction_rows_total)\{(.*)\} (\S+)$/gm);
  const units: Record<string, number> = {};
  for (const [, metric, labels = '', value] of lines) {
    const label = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(labels)?.[1] ?? '';
    if (label('rpc') !== `plaza.user.v1.${rpc}`) continue;
    const place = metric === 'transaction_rows_total' ? 'rows' : `${label('kind')} ${label('index')}`;
    units[place] = Number(value);
  }
  return units;
};

const HEAD = [
  '| RPC | read `users` | read `byState` | rows in transactions | write `users` | write `byState` |',
  '| --- | --: | --: | --: | --: | --: |',
].join('\n');

const PLACES = ['read ', 'read byState', 'rows', 'write ', 'write byState'];

const rowOf = (rpc: string, units: Units): string => `| \`${rpc}\` | ${PLACES.map((place) => units[place] || '').join(' | ')} |`;

/** The table without its layout, which the formatter changes, and without the text around it. */
const cells = (table: string): string[][] =>
  table
    .split('\n')
    .filter((line) => /^\| `\w+Service\/\w+` +\|/.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim()));
