import { idTime } from '@plaza/core';
import { createOutboxStore, type Db, type OutboxRow } from '@plaza/dynamo';
import { followCreated, followRemoved, followsImported } from '@plaza/events';
import { testContext } from '@plaza/testing';

import type { Counts } from '../src/domain/edge.ts';
import { createCountStore } from '../src/store/count-store.ts';
import { createEdgeStore } from '../src/store/edge-store.ts';
import { graph as graphTable } from '../src/store/table.ts';

/** A change of one edge, as some event tells it. */
interface Told {
  readonly followerId: string;
  readonly edge: string;
  readonly begins: boolean;
  readonly version: number;
}

const edgeName = (followerId: string, followeeId: string) => `${followerId} → ${followeeId}`;

/** What is wrong among these people: rows of one edge that disagree, counts that a recount contradicts, events that tell another story. */
export const audit = async (db: Db, people: readonly string[]): Promise<string[]> => {
  const ctx = testContext({ timeoutMs: 30_000 });
  const edges = createEdgeStore({ db });
  const all = { size: 10_000, after: undefined };
  const out = new Set<string>();
  const into = new Set<string>();
  const recount: Counts[] = [];
  for (const userId of people) {
    const following = (await edges.following(ctx, userId, all)).follows.map((follow) => follow.userId);
    const followers = (await edges.followers(ctx, userId, all)).follows.map((follow) => follow.userId);
    for (const other of following) out.add(edgeName(userId, other));
    for (const other of followers) into.add(edgeName(other, userId));
    recount.push({ userId, followers: followers.length, following: following.length });
  }
  const stored = await createCountStore({ db, now: Date.now }).counts(ctx, people);
  return [
    ...[...out.symmetricDifference(into)].map((edge) => `one row only: ${edge}`),
    ...recount.flatMap((counts, i) => (same(counts, stored[i]!) ? [] : [`recount ${show(counts)}, stored ${show(stored[i]!)}`])),
    ...storyProblems(
      (await told(db)).filter(({ followerId }) => people.includes(followerId)),
      out,
    ),
  ];
};

/** Along the versions of one edge, begin and end take turns, and the last one is what the table says. */
const storyProblems = (events: readonly Told[], edges: ReadonlySet<string>): string[] => {
  const problems: string[] = [];
  const story = Map.groupBy(events, ({ edge }) => edge);
  for (const edge of new Set([...edges, ...story.keys()])) {
    const changes = (story.get(edge) ?? []).toSorted((a, b) => a.version - b.version);
    const turns = changes.every(({ begins, version }, i) => begins === (i % 2 === 0) && version !== changes[i + 1]?.version);
    if (!turns) problems.push(`events do not take turns: ${edge} ${JSON.stringify(changes)}`);
    if ((changes.at(-1)?.begins ?? false) !== edges.has(edge)) problems.push(`events end otherwise than the table: ${edge}`);
  }
  return problems;
};

const told = async (db: Db): Promise<Told[]> => {
  const ctx = testContext({ timeoutMs: 30_000 });
  const outbox = createOutboxStore(db, graphTable);
  const rows = new Map<string, OutboxRow>();
  for (const shard of [0, 1, 2, 3]) for (const row of await outbox.pending(ctx, shard, 10_000)) rows.set(row.sk, row);
  for await (const page of outbox.archivedSince(ctx, Date.now() - 3_600_000)) for (const row of page) rows.set(row.sk, row);
  return [...rows.values()].toSorted((a, b) => idTime(a.sk) - idTime(b.sk)).flatMap(toldBy);
};

const toldBy = ({ subject, payload, version }: OutboxRow): Told[] => {
  const one = (begins: boolean, { followerId, followeeId }: { followerId: string; followeeId: string }) => [
    { followerId, edge: edgeName(followerId, followeeId), begins, version },
  ];
  if (subject === followCreated.subject) return one(true, followCreated.decode(payload));
  if (subject === followRemoved.subject) return one(false, followRemoved.decode(payload));
  const { followerId, followeeIds } = followsImported.decode(payload);
  return followeeIds.flatMap((followeeId) => one(true, { followerId, followeeId }));
};

const same = (a: Counts, b: Counts) => a.followers === b.followers && a.following === b.following;
const show = ({ userId, followers, following }: Counts) => `${userId}: ${followers} followers, ${following} following`;
