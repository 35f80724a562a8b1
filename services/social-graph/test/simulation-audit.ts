import type { Db, OutboxRow } from '@plaza/dynamo';
import { testContext } from '@plaza/testing';

import { createStandingStore } from '../src/store/standing-store.ts';
import { graph as graphTable, listedId, listOf } from '../src/store/table.ts';
import { audit } from './audit.ts';
import { CROWD, LIMIT, type Act, type Turn } from './simulation-story.ts';
import { outboxOf, type Done } from './simulation-world.ts';
import { toldBy, type Told } from './story.ts';

/** All that may be wrong after everything was done and heard. */
export const problemsAfter = async (db: Db, done: readonly Done[]): Promise<string[]> => {
  const rows = await outboxOf(db);
  const told = rows.flatMap((row: OutboxRow) => toldBy(row));
  return [
    ...(await audit(db, CROWD)),
    ...CROWD.flatMap((id) => (followeesOf(told, id) > LIMIT ? [`${id} follows more than ${LIMIT}`] : [])),
    ...tooMany(told, done),
    ...told.flatMap((one) =>
      one.tie === 'follow' && one.begins && !wasLetIn(one, told, done) ? [`nobody let in ${show(one)}`] : [],
    ),
    ...(await forgotten(db, done)),
    ...(await misjudged(db, done)),
  ];
};

const show = ({ from, to, version }: Told) => `${from} → ${to} @${version}`;

const followeesOf = (told: readonly Told[], id: string): number =>
  told.filter(({ tie, from }) => tie === 'follow' && from === id).reduce((sum, { begins }) => sum + (begins ? 1 : -1), 0);

/** However often a request was sent, it had one effect at most. */
const tooMany = (told: readonly Told[], done: readonly Done[]): string[] => {
  const count = (...kinds: Act['kind'][]) => done.filter(({ act }) => kinds.includes(act.kind)).length;
  const ends = (cause: string) => told.filter((one) => one.cause === cause).length;
  const begins = (tie: Told['tie']) => told.filter((one) => one.tie === tie && one.begins).length;
  const limits: [string, number, number][] = [
    ['follows and requests', begins('follow') + begins('request') - ends('APPROVED'), count('follow')],
    ['unfollows', ends('UNFOLLOWED') + ends('WITHDRAWN'), count('unfollow')],
    ['removals', ends('REMOVED'), count('remove')],
    ['blocks', begins('block'), count('block')],
    ['unblocks', told.filter(({ tie, begins: begun }) => tie === 'block' && !begun).length, count('unblock')],
    ['mutes', begins('mute'), count('mute')],
    ['unmutes', told.filter(({ tie, begins: begun }) => tie === 'mute' && !begun).length, count('unmute')],
  ];
  return limits.flatMap(([what, effects, calls]) => (effects > calls ? [`${effects} ${what} by ${calls} calls`] : []));
};

/** Either the followee was public for a moment of a call to follow or after the request, or approved it. */
const wasLetIn = ({ from, to, version }: Told, told: readonly Told[], done: readonly Done[]): boolean => {
  const approved = told.some(
    (one) => one.tie === 'request' && one.cause === 'APPROVED' && one.from === from && one.to === to && one.version === version,
  );
  const follows = done.filter(({ act }) => act.kind === 'follow' && act.between.one === from && act.between.other === to);
  const granted = done.some(({ act }) => act.kind === 'approve' && act.between.one === to && act.between.other === from);
  if (!approved) return publicDuring(done, to, follows);
  const asked = told.filter(
    (one) => one.tie === 'request' && one.begins && one.from === from && one.to === to && one.version < version,
  );
  // Each request is of another call: this one was not made by those that ended before so many had.
  const since = follows
    .toSorted((one, other) => one.end - other.end)
    .slice(asked.length - 1)
    .map((call) => ({ ...call, end: Number.POSITIVE_INFINITY }));
  return granted || publicDuring(done, to, since);
};

const turnsOf = (done: readonly Done[], who: string) =>
  done.filter((one): one is Done & { act: Turn } => one.act.kind === 'turn' && one.act.who === who);

/** Whether the person may have been public at some moment of one of these: at first, or from a turn to the end of the next one. */
const publicDuring = (done: readonly Done[], who: string, calls: readonly Done[]): boolean => {
  const turns = turnsOf(done, who);
  const privates = turns.filter(({ act }) => act.isPrivate);
  const spans = [{ begin: -1, version: 0 }, ...turns.filter(({ act }) => !act.isPrivate)].map(({ begin, version }) => {
    const ends = privates.filter((one) => one.version > version).map(({ end }) => end);
    return { begin, end: Math.min(...ends) };
  });
  return calls.some((call) => spans.some(({ begin, end }) => call.begin <= end && call.end >= begin));
};

/** Requests that wait for nothing, since the account is public. */
const forgotten = async (db: Db, done: readonly Done[]): Promise<string[]> => {
  const problems = await Promise.all(
    CROWD.map(async (id) => {
      const latest = turnsOf(done, id).toSorted((a, b) => b.version - a.version)[0];
      if (latest?.act.isPrivate !== false) return [];
      const { items } = await db.query(testContext(), graphTable, { pk: listOf('RQ_IN', id) });
      return items.map((row) => `forgotten: ${listedId(row.sk)} asks ${id}`);
    }),
  );
  return problems.flat();
};

/** Who stands otherwise than the newest profile says. */
const misjudged = async (db: Db, done: readonly Done[]): Promise<string[]> => {
  const standings = await createStandingStore({ db }).of(testContext(), CROWD);
  return CROWD.flatMap((id) => {
    const last = turnsOf(done, id)
      .toSorted((one, other) => one.version - other.version)
      .at(-1);
    return standings.get(id)?.isPrivate === (last?.act.isPrivate ?? false) ? [] : [`${id} stands otherwise than told`];
  });
};
