import { newId } from '@plaza/core';
import { UserState } from '@plaza/proto/plaza/user/v1/user_service';
import { asAdmin, asService, asUser, testContext, type Scenario } from '@plaza/testing';

import { euro, people, registration } from './builders.ts';
import type { Service } from './service.ts';

const PASSWORD = 'correct horse battery';

/** The ordinary case of each RPC, in the order of the services. */
export const scenariosOf = (service: Service): Record<string, Scenario> => {
  const { users, sessions, wallets, leaderboards } = service;
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
    'WalletService/RefundHold': async () => {
      const { orderId, payouts } = await held();
      await wallets.captureHold(forOrder(), request({ orderId, payouts }));
      return () => wallets.refundHold(forOrder(), request({ orderId, refundId: newId(), parts: payouts }));
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
      const userId = await scored();
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
