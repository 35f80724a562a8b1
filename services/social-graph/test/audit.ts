import type { Db } from '@plaza/dynamo';
import { testContext } from '@plaza/testing';

import { createCountStore } from '../src/store/count-store.ts';
import { graph as graphTable, keys, listedId, listOf, tiesOf, type ListKind, type TieKind } from '../src/store/table.ts';
import { tiesIn } from '../src/store/tie-rows.ts';
import { storyProblems, told } from './story.ts';

/** A tie as one row tells it: whose, with whom, since which version, and what else the row says. */
interface Tie {
  readonly from: string;
  readonly to: string;
  readonly version: number;
  readonly more: string;
}

const pairOf = ({ from, to }: Pick<Tie, 'from' | 'to'>) => `${from} → ${to}`;
const nameOf = (tie: Tie) => `${pairOf(tie)} @${tie.version} ${tie.more}`;

/** What is wrong among these people: rows of one tie that disagree, ties that exclude each other, counts that a recount contradicts, events that tell another story. */
export const audit = async (db: Db, people: readonly string[]): Promise<string[]> => {
  const ctx = testContext({ timeoutMs: 30_000 });

  const lookedUp = async (kind: TieKind, more: readonly string[] = []): Promise<Tie[]> =>
    (
      await Promise.all(
        people.map(async (from) =>
          (await db.query(ctx, graphTable, { pk: tiesOf(kind, from) })).items.map((row) => ({
            from,
            to: row.sk,
            version: Number(row['version'] ?? 0),
            more: more.map((attr) => String(row[attr] as string | number)).join(),
          })),
        ),
      )
    ).flat();
  const listed = async (kind: ListKind, more: readonly string[] = [], inward = false): Promise<Tie[]> =>
    (
      await Promise.all(
        people.map(async (owner) =>
          (await db.query(ctx, graphTable, { pk: listOf(kind, owner) })).items.map((row) => {
            const other = listedId(row.sk);
            const version = Number(row.sk.slice(0, 15));
            const [from, to] = inward ? [other, owner] : [owner, other];
            return { from, to, version, more: more.map((attr) => String(row[attr] as string | number)).join() };
          }),
        ),
      )
    ).flat();

  const follows = await lookedUp('FO', ['at']);
  const requests = await lookedUp('RQ_OUT', ['at']);
  const blocks = await lookedUp('BL', ['at']);
  const blockedBy = await lookedUp('BB', ['at']);
  const mutes = await lookedUp('MU', ['at', 'scope']);
  const blocked = new Set(blocks.flatMap(({ from, to }) => [pairOf({ from, to }), pairOf({ from: to, to: from })]));
  const asked = new Set(requests.map(pairOf));
  const backwards = blockedBy.map(({ from, to, more }) => ({ from: to, to: from, version: 0, more }));

  const stored = await createCountStore({ db, now: Date.now }).counts(ctx, people);
  const ties = await db.batchGet(ctx, graphTable, people.map(keys.ties));
  return [
    ...differences('follow', follows, await listed('FT', ['at'])),
    ...differences('follow', follows, await listed('FR', ['at'], true)),
    ...differences('request', requests, await listed('RQ_IN', ['at'], true)),
    ...differences('block', blocks, await listed('BT', ['at'])),
    ...differences(
      'block',
      blocks.map((block) => ({ ...block, version: 0 })),
      backwards,
    ),
    ...differences('mute', mutes, await listed('MT', ['at', 'scope'])),
    ...follows.filter((tie) => blocked.has(pairOf(tie))).map((tie) => `follow beside a block: ${nameOf(tie)}`),
    ...requests.filter((tie) => blocked.has(pairOf(tie))).map((tie) => `request beside a block: ${nameOf(tie)}`),
    ...follows.filter((tie) => asked.has(pairOf(tie))).map((tie) => `follow beside a request: ${nameOf(tie)}`),
    ...[...follows, ...requests, ...blocks, ...mutes]
      .filter(({ from, version }) => version > (tiesIn(ties[people.indexOf(from)]).version ?? 0))
      .map((tie) => `tie newer than all ties: ${nameOf(tie)}`),
    ...people.flatMap((userId, i) => {
      const { followers, following } = stored[i]!;
      const recount = {
        followers: follows.filter(({ to }) => to === userId).length,
        following: follows.filter(({ from }) => from === userId).length,
      };
      const right = recount.followers === followers && recount.following === following;
      return right ? [] : [`${userId}: recount ${JSON.stringify(recount)}, stored ${JSON.stringify({ followers, following })}`];
    }),
    ...storyProblems(
      (await told(db)).filter(({ from }) => people.includes(from)),
      {
        follow: follows.map(pairOf),
        request: requests.map(pairOf),
        block: blocks.map(pairOf),
        mute: mutes.map(pairOf),
      },
    ),
  ];
};

const differences = (what: string, one: readonly Tie[], other: readonly Tie[]): string[] =>
  [...new Set(one.map(nameOf)).symmetricDifference(new Set(other.map(nameOf)))].map((name) => `${what} in one row only: ${name}`);
