import process from 'node:process';

import { isAppError } from '@plaza/core';
import type { Fault } from '@plaza/dynamo';
import { asService } from '@plaza/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { PUBLIC, type Standing } from '../src/domain/tie.ts';
import type { Sight } from '../src/store/sight-store.ts';
import { bitsIn, changer, looker, moodyCache, unsteadyDb, type Deed, type Mood } from './sight-world.ts';
import { people } from './world.ts';

const RUNS = Number(process.env['SIMULATION_RUNS'] ?? 200);
const [VIEWER = '', ...AUTHORS] = people(3);

const deed = fc.record({
  deed: fc.constantFrom<Deed[]>(
    'follow',
    'unfollow',
    'block',
    'unblock',
    'mute',
    'muteReposts',
    'unmute',
    'blockedBy',
    'unblockedBy',
  ),
  author: fc.nat(AUTHORS.length - 1),
});
const turn = fc.record({ author: fc.nat(AUTHORS.length - 1), isPrivate: fc.boolean(), gone: fc.boolean() });
const look = fc.record({ replica: fc.nat(1), authors: fc.constantFrom([0], [1], [0, 1], [1, 0, 1]), anonymous: fc.nat(4) });
const fault = fc.option(fc.constantFrom<Fault>('conflict', 'throttle', 'lost-reply', 'unreachable'), { nil: undefined, freq: 2 });
const mood = fc.oneof(
  { arbitrary: fc.constant<Mood>('well'), weight: 3 },
  { arbitrary: fc.constantFrom<Mood>('away', 'wiped', 'old'), weight: 2 },
);
/** How little the replicas remember: mostly all of it. */
const most = fc.constantFrom({}, {}, { ofKind: 1 }, { ofKind: 0, ties: 2 }, { ties: 1, standings: 1 });

test(
  'a look sees ties as of one moment of its time, and standings too; equal epochs tell the same',
  { timeout: 600_000 },
  async () => {
    const answered = { looks: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          deeds: fc.array(deed, { maxLength: 8 }),
          turns: fc.array(turn, { maxLength: 5 }),
          looks: fc.array(fc.array(look, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 3 }),
          faults: fc.array(fault, { maxLength: 40 }),
          moods: fc.array(mood, { maxLength: 20 }),
          most,
        }),
        fc.scheduler(),
        async ({ deeds, turns, looks, faults, moods, most: limits }, scheduler) => {
          const wait = (label: string) => scheduler.schedule(Promise.resolve(), label);
          const db = unsteadyDb(wait, faults);
          const circles = moodyCache(wait, moods);
          const replicas = [looker(db, circles, limits), looker(db, circles, limits)];
          const change = changer(db);
          let time = 0;
          const ties = history(AUTHORS.map(() => 0));
          const stands = history<Standing[]>(AUTHORS.map(() => PUBLIC));
          const epochs = new Map<string, string>();

          const changeTies = async () => {
            for (const { deed: what, author } of deeds) {
              const begin = ++time;
              await change.do(what, VIEWER, AUTHORS[author]!);
              const end = ++time;
              ties.push({ begin, end, state: await bitsIn(db, VIEWER, AUTHORS) });
            }
          };
          const changeStands = async () => {
            for (const [i, { author, ...standing }] of turns.entries()) {
              const begin = ++time;
              const state = stands.at(-1)!.state.with(author, standing);
              // Known before the call ends, since a look may see it earlier; how it will have ended is not in doubt.
              stands.push({ begin, end: Infinity, state });
              await change.stand(AUTHORS[author]!, i + 1, standing);
              stands.splice(-1, 1, { begin, end: ++time, state });
            }
          };
          const lookOnce = async (sight: Sight, authors: readonly number[], viewerId: string) => {
            const begin = ++time;
            const view = await sight
              .look(
                asService('feed'),
                viewerId,
                authors.map((i) => AUTHORS[i]!),
              )
              .catch((error: unknown) => {
                // Fewer things change than a look tries.
                if (!isAppError(error, 'STORE_UNAVAILABLE') || faults.every((it) => it === undefined)) throw error;
              });
            const end = ++time;
            answered[view ? 'looks' : 'refused']++;
            if (!view) return;
            const seen = authors.map((i) => view.tie(AUTHORS[i]!));
            const stood = authors.map((i) => view.standing(AUTHORS[i]!));
            for (const [n, i] of authors.entries()) {
              const name = `${viewerId} ${view.epoch} ${i}`;
              const told = JSON.stringify([seen[n], stood[n]]);
              expect(told, 'by the same epoch').toBe(epochs.get(name) ?? told);
              epochs.set(name, told);
            }
            audits.push(() => {
              const tied = viewerId === '' ? NO_TIES : ties;
              expect(pick(tied, begin, end, authors), 'ties').toContain(JSON.stringify(seen));
              expect(pick(stands, begin, end, authors), 'standings').toContain(JSON.stringify(stood));
            });
          };
          const audits: (() => void)[] = [];
          const lane = async (steps: (typeof looks)[number]) => {
            for (const { replica, authors, anonymous } of steps)
              await lookOnce(replicas[replica]!, authors, anonymous === 0 ? '' : VIEWER);
          };
          await scheduler.waitFor(Promise.all([changeTies(), changeStands(), ...looks.map(lane)]));
          for (const audit of audits) audit();
        },
      ),
      { numRuns: RUNS },
    );
    expect(answered.looks, 'looks that were answered').toBeGreaterThan(10 * answered.refused);
  },
);

/** What was true, one state after the other: each began at some moment of its change. */
interface State<T> {
  readonly begin: number;
  readonly end: number;
  readonly state: T;
}

const history = <T>(first: T): State<T>[] => [{ begin: 0, end: 0, state: first }];

/** Of nobody in particular. */
const NO_TIES = history(AUTHORS.map(() => 0));

/** The states that may have been at some moment between `from` and `to`. */
const pick = <T>(states: readonly State<T[]>[], from: number, to: number, of: readonly number[]): string[] => {
  const first = states.findLastIndex(({ end }) => end <= from);
  return states.filter(({ begin }, i) => i >= first && begin <= to).map(({ state }) => JSON.stringify(of.map((i) => state[i])));
};
