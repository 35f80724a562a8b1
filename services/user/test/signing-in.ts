import { userClients, type UserClients } from '@plaza/clients';
import { newId, noMetrics, silentLog, type SessionClaim } from '@plaza/core';
import { createOutboxStore } from '@plaza/dynamo';
import { sessionsRevoked } from '@plaza/events';
import { SessionsRevoked } from '@plaza/proto/plaza/user/v1/events';
import { asService, asUser, testContext, testKeys } from '@plaza/testing';

import { usersTable } from '../src/store/table.ts';
import { registration } from './builders.ts';
import type { Service } from './service.ts';

export const PASSWORD = 'correct horse battery staple';

/** The session that an access token names. */
export const claimOf = (accessToken: string): SessionClaim => {
  const caller = testKeys().verifier.verify(accessToken);
  if (caller.kind !== 'user' || caller.session === undefined) throw new Error('a token without a session');
  return caller.session;
};

/** What the tests of sessions do again and again. */
export const signingIn = (service: Service) => {
  /** A new person with a password, and how it signs in. */
  const registered = async () => {
    const request = registration({ password: PASSWORD });
    const user = (await service.users.createUser(testContext(), request)).user!;
    const signIn = async (password = PASSWORD) => {
      const wish = { login: request.username, password, requestId: newId() };
      const tokens = (await service.sessions.createSession(testContext(), wish)).tokens!;
      return { tokens, sessionId: claimOf(tokens.accessToken).id };
    };
    return { user, userId: user.userId, signIn };
  };

  /** Calls as the holder of this very token. */
  const withToken = async <T>(token: string, call: (clients: UserClients) => Promise<T>): Promise<T> => {
    const clients = userClients({ address: service.address, token: () => token, log: silentLog, metrics: noMetrics });
    try {
      return await call(clients);
    } finally {
      clients.close();
    }
  };

  /** The SessionsRevoked events of one person, published or not, oldest first. */
  const told = async (userId: string): Promise<Pick<SessionsRevoked, 'sessionId' | 'epoch'>[]> => {
    const outbox = createOutboxStore(service.app.db, usersTable);
    const shards = [0, 1, 2, 3].map((shard) => outbox.pending(testContext(), shard, 1000));
    const rows = (await Promise.all(shards)).flat();
    for await (const page of outbox.archivedSince(testContext(), Date.now() - 3_600_000)) rows.push(...page);
    const own = rows.filter((row) => row.aggregateId === userId && row.subject === sessionsRevoked.subject);
    const once = new Map(own.map((row) => [row.sk, SessionsRevoked.decode(row.payload)]));
    return [...once].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, { sessionId, epoch }]) => ({ sessionId, epoch }));
  };

  return {
    registered,
    withToken,
    told,
    refresh: (refreshToken: string) => service.sessions.refreshSession(testContext(), { refreshToken, requestId: newId() }),
    end: (userId: string, sessionId: string) =>
      service.sessions.deleteSession(asUser(userId), { userId, sessionId, requestId: newId() }),
    listed: async (userId: string) => (await service.sessions.listSessions(asUser(userId), { userId })).sessions,
    isLive: async (userId: string, sessionId: string, epoch = 0n) =>
      (await service.sessions.checkSession(asService('feed'), { userId, sessionId, epoch })).live,
  };
};
