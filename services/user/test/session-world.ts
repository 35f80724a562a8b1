import { mutationOf, newId, type Context } from '@plaza/core';
import { createMemoryDb, put, type Db, type Faults } from '@plaza/dynamo';
import { testContext } from '@plaza/testing';

import { badCredentials } from '../src/domain/errors.ts';
import { newGrant, type Grant } from '../src/domain/session.ts';
import { createSecrets } from '../src/secrets.ts';
import { createCredentialStore } from '../src/store/credential-store.ts';
import { createRevocationStore } from '../src/store/revocation-store.ts';
import { createRevoke } from '../src/store/revoke.ts';
import { createSessionStore } from '../src/store/session-store.ts';
import { keys, usersTable } from '../src/store/table.ts';
import { settled } from './settled.ts';

export const ADA = 'ada';
/** The first is the one that stands at the beginning. */
export const PASSWORDS = ['open sesame', 'shut sesame', 'sesame seeds'] as const;

export type SessionWorld = Awaited<ReturnType<typeof sessionWorld>>;

/** One person, whose hash is the password itself, and the acts, each repeated until it is definitely done or refused. */
export const sessionWorld = async (faults: Faults) => {
  const db: Db = createMemoryDb({ faults });
  await db.transact(testContext(), [
    put(usersTable, { ...keys.profile(ADA), state: 'ACTIVE' }),
    put(usersTable, { ...keys.username('Ada'), userId: ADA }),
    put(usersTable, { ...keys.password(ADA), hash: PASSWORDS[0] }),
  ]);
  const secrets = createSecrets('a signing key');
  const digestOf = (grant: Grant) => secrets.digest(secrets.refreshToken(grant));
  const announced: string[] = [];
  const announce = async (rows: readonly { sk: string }[]) => announced.push(...rows.map(({ sk }) => sk)) > 0;
  const now = Date.now;
  const revoke = createRevoke({ db, relay: { announce } });
  const sessions = createSessionStore({ db, digestOf, now });
  const credentials = createCredentialStore({ db, revoke, now });
  const revocations = createRevocationStore({ db, sessions, revoke, now });

  /** A new request: its repetitions share its id. */
  const act = <T>(body: object, run: (ctx: Context, mutation: ReturnType<typeof mutationOf>) => Promise<T>, id = newId()) =>
    settled(() => run(testContext(), mutationOf(testContext(), id, body)));

  return {
    db,
    sessions,
    announced,
    signIn: (password: string) =>
      act({ password }, async (ctx, mutation) => {
        const credential = await credentials.find(ctx, 'ada');
        if (credential?.hash !== password) throw badCredentials();
        const origin = { userId: ADA, familyId: newId(), startedAt: now(), epoch: credential.login.epoch };
        return sessions.open(ctx, mutation, newGrant(origin, secrets.newSeed(), now()));
      }),
    refresh: (grant: Grant, requestId: string) => {
      const digest = digestOf(grant);
      const renew = (old: Parameters<typeof newGrant>[0]) => newGrant(old, secrets.newSeed(), now());
      const options = { renew, onReuse: revocations.endStolen };
      return act({ digest }, (ctx, mutation) => sessions.refresh(ctx, mutation, digest, options), requestId);
    },
    endOne: (familyId: string) => act({ familyId }, (ctx, mutation) => revocations.endOne(ctx, mutation, ADA, familyId)),
    endAll: () => act({}, (ctx, mutation) => revocations.endAll(ctx, mutation, ADA)),
    setPassword: (current: string, next: string) =>
      act({ current, next }, (ctx, mutation) =>
        credentials.setPassword(ctx, mutation, ADA, async (hash) => {
          if (hash !== current) throw badCredentials();
          return next;
        }),
      ),
    isLiving: (familyId: string) => settled(async () => (await sessions.look(testContext(), ADA, familyId)).family !== undefined),
  };
};
