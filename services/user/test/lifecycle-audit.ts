import { fold } from '@plaza/core';
import type { Db } from '@plaza/dynamo';
import { userCreated, userDeleted, userPurged, userRestored, userUpdated } from '@plaza/events';
import { testContext } from '@plaza/testing';
import { expect } from 'vitest';

import { ERASING_SERVICES, type Purge } from '../src/domain/purge.ts';
import type { User } from '../src/domain/user.ts';
import { keys, read, stateKeys, usersTable } from '../src/store/table.ts';
import { userFrom } from '../src/store/user-rows.ts';

/** What was acknowledged: one entry for each change that was answered, with what the answer told of the user. */
export interface Acknowledged {
  readonly userId: string;
  readonly did: 'create' | 'change' | 'remove' | 'restore';
  /** The user as answered, where the answer has one. */
  readonly user?: User;
}

/** Everything that must be true of people and their names at any quiet moment. */
export const auditPeople = async (
  db: Db,
  expected: {
    names: readonly string[];
    emails: readonly string[];
    acknowledged: readonly Acknowledged[];
    erased: ReadonlySet<string>;
  },
) => {
  const { names, emails, acknowledged, erased } = expected;
  const row = (key: { pk: string; sk: string }) => db.get(testContext(), usersTable, key);
  const ids = acknowledged.flatMap(({ did, userId }) => (did === 'create' ? userId : []));
  const histories = await historiesOf(db);
  expect([...histories.keys()].toSorted(), 'nobody came unasked').toEqual([...new Set(ids)].toSorted());

  const owned: string[] = [];
  for (const userId of histories.keys()) {
    const item = await row(keys.profile(userId));
    const user = userFrom(item)!;
    expect(item, 'the index has the state').toMatchObject(stateKeys(user));
    const [wallet, login] = [await row(keys.wallet(userId)), await row(keys.login(userId))];
    for (const closable of [wallet, login]) expect(closable?.['closedAt'] === undefined).toBe(user.state === 'ACTIVE');
    expect(user.state === 'PURGED', 'erased if and only if all have reported').toBe(erased.has(userId));
    auditPurge(user, read<Purge>(await row(keys.purge(userId))));
    auditHistory(
      user,
      histories.get(userId)!,
      acknowledged.filter((it) => it.userId === userId),
    );
    if (user.state === 'PURGED') continue;
    for (const name of [keys.username(user.username), keys.email(user.email)]) {
      expect((await row(name))?.['userId'], `${name.pk} is its bearer's`).toBe(userId);
      owned.push(name.pk);
    }
  }
  const possible = new Set([...names.map(keys.username), ...emails.map(keys.email)].map(({ pk }) => pk));
  const taken = await Promise.all([...possible].map((pk) => row({ pk, sk: 'U' })));
  expect(taken.flatMap((name) => name?.pk ?? []).toSorted(), 'no name is kept for nobody').toEqual(owned.toSorted());
};

const auditPurge = (user: User, purge: Purge | undefined) => {
  expect(user.state === 'PURGED', 'purged if and only if it is done').toBe(purge?.state === 'DONE');
  if (user.state === 'ACTIVE') expect(purge, 'nobody is back who is to be erased').toBeUndefined();
  if (purge?.state !== 'DONE') return;
  expect(Object.keys(purge.receipts).toSorted()).toEqual([...ERASING_SERVICES]);
  expect(user).toMatchObject({ username: '', email: '', displayName: '', bio: '' });
};

/** What may follow in which state, and what comes of it. */
const STEPS: Readonly<Record<string, readonly [from: string, to: string, did?: Acknowledged['did']]>> = {
  [userCreated.subject]: ['', 'ACTIVE', 'create'],
  [userUpdated.subject]: ['ACTIVE', 'ACTIVE', 'change'],
  [userDeleted.subject]: ['ACTIVE', 'DELETED', 'remove'],
  [userRestored.subject]: ['DELETED', 'ACTIVE', 'restore'],
  [userPurged.subject]: ['DELETED', 'PURGED'],
};

/** Each version has one event, each acknowledged change happened once and nothing else did, and the last told stands. */
const auditHistory = (
  user: User,
  history: readonly { version: number; subject: string }[],
  acknowledged: readonly Acknowledged[],
) => {
  expect(history.map(({ version }) => version)).toEqual(Array.from({ length: user.version }, (_, i) => i + 1));
  let state = '';
  for (const { subject } of history) {
    const [from, to] = STEPS[subject]!;
    expect(state, `before ${subject}`).toBe(from);
    state = to;
  }
  expect(user.state).toBe(state);
  const happened = history.flatMap(({ subject }) => STEPS[subject]![2] ?? []);
  expect(acknowledged.map(({ did }) => did).toSorted()).toEqual(happened.toSorted());
  const told = acknowledged.flatMap((it) => it.user ?? []).toSorted((a, b) => a.version - b.version);
  for (const { version, did } of acknowledged.flatMap((it) => (it.user ? [{ version: it.user.version, did: it.did }] : [])))
    expect(STEPS[history[version - 1]!.subject]![2]).toBe(did);
  if (user.state === 'PURGED') return;
  const { username, email, bio } = told.at(-1)!;
  expect({ username: fold(user.username), email: user.email, bio: user.bio }).toEqual({ username: fold(username), email, bio });
};

/** Events of each user by version; those of sessions and erasures count nothing. */
const historiesOf = async (db: Db): Promise<Map<string, { version: number; subject: string }[]>> => {
  const shards = await Promise.all([0, 1, 2, 3].map((shard) => db.query(testContext(), usersTable, { pk: `OX#${shard}` })));
  const events = shards.flatMap(({ items }) => items as unknown as { aggregateId: string; version: number; subject: string }[]);
  const histories = new Map<string, { version: number; subject: string }[]>();
  for (const { aggregateId, version, subject } of events.toSorted((a, b) => a.version - b.version))
    if (STEPS[subject]) histories.set(aggregateId, [...(histories.get(aggregateId) ?? []), { version, subject }]);
  return histories;
};
