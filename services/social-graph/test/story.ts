import { createOutboxStore, type Db, type OutboxRow } from '@plaza/dynamo';
import {
  blockCreated,
  blockRemoved,
  FollowEnd,
  FollowRequestEnd,
  followCreated,
  followRemoved,
  followRequested,
  followRequestRemoved,
  followsImported,
  muteCreated,
  muteRemoved,
} from '@plaza/events';
import { testContext } from '@plaza/testing';

import { graph as graphTable } from '../src/store/table.ts';

export type TieName = 'follow' | 'request' | 'block' | 'mute';

/** A change of one tie, as some event tells it. */
export interface Told {
  readonly tie: TieName;
  readonly from: string;
  readonly to: string;
  readonly begins: boolean;
  /** Of an end. */
  readonly cause: string;
  readonly version: number;
}

const nameOf = ({ tie, from, to }: Pick<Told, 'tie' | 'from' | 'to'>) => `${tie} ${from} → ${to}`;

/**
 * Along the versions of one tie, begin and end take turns, and the last one is what the table says. A mute may begin again, with another
 * scope. Whoever is let in follows from the same version on.
 */
export const storyProblems = (events: readonly Told[], now: Readonly<Record<TieName, readonly string[]>>): string[] => {
  const problems: string[] = [];
  const standing = new Set(Object.entries(now).flatMap(([tie, pairs]) => pairs.map((pair) => `${tie} ${pair}`)));
  const story = Map.groupBy(events, nameOf);
  const follows = new Set(
    events.filter(({ tie, begins }) => tie === 'follow' && begins).map((one) => `${nameOf(one)} ${one.version}`),
  );
  for (const name of new Set([...standing, ...story.keys()])) {
    const changes = (story.get(name) ?? []).toSorted((a, b) => a.version - b.version);
    const turns = changes.every(({ tie, begins, version }, i) => {
      const before = changes[i - 1];
      const turn = begins ? tie === 'mute' || !before?.begins : before?.begins === true;
      return turn && version !== before?.version;
    });
    if (!turns) problems.push(`events do not take turns: ${name} ${JSON.stringify(changes)}`);
    if ((changes.at(-1)?.begins ?? false) !== standing.has(name)) problems.push(`events end otherwise than the table: ${name}`);
    for (const { tie, from, to, begins, cause, version } of changes)
      if (
        tie === 'request' &&
        !begins &&
        cause === 'APPROVED' &&
        !follows.has(`${nameOf({ tie: 'follow', from, to })} ${version}`)
      )
        problems.push(`approved, but no follow began: ${name} ${version}`);
  }
  for (const [pair, changes] of Map.groupBy(events, ({ from, to }) => `${from} → ${to}`))
    problems.push(...overlaps(pair, changes));
  return problems;
};

/** One who follows, asks or blocks another does not do two of these at any version. */
const overlaps = (pair: string, changes: readonly Told[]): string[] => {
  const problems: string[] = [];
  const active = new Set<TieName>();
  for (const [version, some] of Map.groupBy(inOrder(changes), (one) => one.version)) {
    for (const { tie, begins } of some) {
      if (tie === 'mute') continue;
      if (begins) active.add(tie);
      else active.delete(tie);
    }
    if (active.size > 1) problems.push(`${[...active].join(' and ')} at once: ${pair} @${version}`);
  }
  return problems;
};

/** By version; what ends ends before something else begins. */
const inOrder = (changes: readonly Told[]): Told[] =>
  changes.toSorted((a, b) => a.version - b.version || Number(a.begins) - Number(b.begins));

/** Every event of the graph, published or not. */
export const told = async (db: Db): Promise<Told[]> => {
  const ctx = testContext({ timeoutMs: 30_000 });
  const outbox = createOutboxStore(db, graphTable);
  const rows = new Map<string, OutboxRow>();
  for (const shard of [0, 1, 2, 3]) for (const row of await outbox.pending(ctx, shard, 10_000)) rows.set(row.sk, row);
  for await (const page of outbox.archivedSince(ctx, Date.now() - 3_600_000)) for (const row of page) rows.set(row.sk, row);
  return [...rows.values()].flatMap(toldBy);
};

export const toldBy = ({ subject, payload, version }: OutboxRow): Told[] => {
  const one = (tie: TieName, from: string, to: string, begins: boolean, cause = ''): Told[] => [
    { tie, from, to, begins, cause, version },
  ];
  switch (subject) {
    case followCreated.subject: {
      const { followerId, followeeId } = followCreated.decode(payload);
      return one('follow', followerId, followeeId, true);
    }
    case followsImported.subject: {
      const { followerId, followeeIds } = followsImported.decode(payload);
      return followeeIds.flatMap((followeeId) => one('follow', followerId, followeeId, true));
    }
    case followRemoved.subject: {
      const { followerId, followeeId, cause } = followRemoved.decode(payload);
      return one('follow', followerId, followeeId, false, causeIn(FollowEnd, cause));
    }
    case followRequested.subject: {
      const { followerId, followeeId } = followRequested.decode(payload);
      return one('request', followerId, followeeId, true);
    }
    case followRequestRemoved.subject: {
      const { followerId, followeeId, cause } = followRequestRemoved.decode(payload);
      return one('request', followerId, followeeId, false, causeIn(FollowRequestEnd, cause));
    }
    case blockCreated.subject: {
      const { blockerId, blockedId } = blockCreated.decode(payload);
      return one('block', blockerId, blockedId, true);
    }
    case blockRemoved.subject: {
      const { blockerId, blockedId } = blockRemoved.decode(payload);
      return one('block', blockerId, blockedId, false);
    }
    case muteCreated.subject: {
      const { muterId, mutedId } = muteCreated.decode(payload);
      return one('mute', muterId, mutedId, true);
    }
    case muteRemoved.subject: {
      const { muterId, mutedId } = muteRemoved.decode(payload);
      return one('mute', muterId, mutedId, false);
    }
    default:
      throw new Error(`no event of the graph: ${subject}`);
  }
};

const causeIn = (causes: Readonly<Record<string, number>>, value: number): string =>
  Object.keys(causes).find((name) => causes[name] === value) ?? '';

/** What was told of one on the other, in a word each, by version. */
export const storyOf = async (db: Db, from: string, to: string): Promise<string[]> =>
  inOrder((await told(db)).filter((one) => one.from === from && one.to === to)).map(({ tie, begins, cause }) =>
    [tie, begins ? 'began' : 'ended', cause].filter((word) => word !== '').join(' '),
  );
