import process from 'node:process';

import type { Db } from '@plaza/dynamo';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { problemsAfter } from './simulation-audit.ts';
import { faults, story, type Act, type Story } from './simulation-story.ts';
import { insist, insistOn, outboxOf, simulated, unsteadyDb, type Done, type Simulated } from './simulation-world.ts';

const RUNS = Number(process.env['SIMULATION_RUNS'] ?? 600);

test('whatever races, repeats, fails or is lost: ties, counts and events tell one story', { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      story,
      faults,
      fc.array(fc.nat(), { minLength: 40, maxLength: 40 }),
      fc.scheduler(),
      async (chosen, planned, shuffle, scheduler) => {
        const { db, calm } = unsteadyDb(scheduler, planned);
        const world = simulated(db);
        const done = await scheduler.waitFor(play(world, chosen));
        await scheduler.waitFor(settle(world, db, heardAtLast(done, chosen.replayed), shuffle));
        calm();
        expect(await problemsAfter(db, done)).toEqual([]);
      },
    ),
    { numRuns: RUNS },
  );
});

/** Whose profile changes hears of it by a call, by an event, or by both. */
const play = async (world: Simulated, { before, together }: Story): Promise<Done[]> => {
  let happenings = 0;
  let versions = 0;
  const run = async (act: Act): Promise<Done> => {
    const version = ++versions;
    const begin = happenings++;
    if (act.kind === 'turn') {
      const hear = [...(act.heard === 'event' ? [] : [world.stand]), ...(act.heard === 'call' ? [] : [world.hearUpdate])];
      await Promise.all(hear.map((each) => insistOn(() => each(act, version))));
    } else {
      const send = () => insist(() => world.call(act, `request-${version}`));
      await Promise.all(act.again ? [send(), send()] : [send()]);
    }
    return { act, version, begin, end: happenings++ };
  };
  const done: Done[] = [];
  for (const act of before) done.push(await run(act));
  return [...done, ...(await Promise.all(together.map(run)))];
};

/** Events that come late, and if they are replayed all of them. */
const heardAtLast = (done: readonly Done[], replayed: boolean): Done[] =>
  done.filter(({ act }) => act.kind === 'turn' && (replayed || act.heard === 'call'));

/** Every event, in any order, some twice, some again after their handler failed. First those that make others. */
const settle = async (world: Simulated, db: Db, done: readonly Done[], shuffle: readonly number[]): Promise<void> => {
  const updates = done.flatMap(({ act, version }) => (act.kind === 'turn' ? [() => world.hearUpdate(act, version)] : []));
  const requests = (await outboxOf(db)).map((row) => () => world.hearRequest(row));
  await Promise.all(twiceAndShuffled([...updates, ...requests], shuffle).map(insistOn));
  const follows = (await outboxOf(db)).map((row) => () => world.hearFollow(row));
  await Promise.all(twiceAndShuffled(follows, shuffle).map(insistOn));
};

const twiceAndShuffled = <T>(all: readonly T[], shuffle: readonly number[]): T[] =>
  all
    .flatMap((one, i) => (shuffle[i % shuffle.length]! % 2 === 0 ? [one] : [one, one]))
    .map((one, i) => ({ one, place: shuffle[(i * 7) % shuffle.length]! }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ one }) => one);
