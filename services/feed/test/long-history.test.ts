import process from 'node:process';

import { newId } from '@plaza/core';
import type { Fault } from '@plaza/dynamo';
import { FeedState } from '@plaza/proto/plaza/feed/v1/feed_service';
import { afterAll, expect, test } from 'vitest';

import type { Chance } from './chance.ts';
import { createFeedModel, type Step } from './feed-model.ts';
import { noRedis } from './in-memory.ts';
import { simulate } from './simulated.ts';

const STEPS = Number(process.env['SIMULATION_STEPS'] ?? 10_000);
const SEED = Number(process.env['SIMULATION_SEED'] ?? 26);
/** Steps between two moments at which all is quiet and every feed is compared. */
const STRETCH = 500;
const LANES = 4;
const PEOPLE = Array.from({ length: 6 }, () => newId());
const PAGE = 50;

afterAll(() => noRedis.close());

test(
  `one history of ${STEPS} steps, with crashes, lost queues, lost tables and long sleep: no leak, and each time it is quiet every feed is its model`,
  { timeout: 900_000 },
  async () => {
    const dice = mulberry32(SEED);
    const plaza = simulate(randomChance(dice));
    const model = createFeedModel(plaza, PEOPLE, PAGE);
    const modes = new Set<string>();
    for (let done = 0; done < STEPS; done += STRETCH) {
      const steps = Array.from({ length: STRETCH }, (_, i) => stepOf(dice, done + i));
      plaza.begin();
      const lanes = Array.from({ length: LANES }, async (_, lane) => {
        for (const [i, step] of steps.entries()) if (i % LANES === lane) await model.play(step);
      });
      await Promise.all(lanes);
      const isFourth = (done / STRETCH) % 4 === 3;
      if (isFourth) await model.play({ kind: dice() < 0.5 ? 'sleep' : 'forget' });
      await plaza.settle();
      expect(model.leaks).toEqual([]);
      const wanted = await model.wanted();
      for (const viewer of PEOPLE) {
        const { ids, state } = await model.read(viewer);
        expect(isFourth ? state : FeedState.REBUILDING).toBe(FeedState.REBUILDING);
        expect(ids).toEqual(wanted(viewer));
      }
      // What this woke is whole by now, and read from its rows.
      await plaza.settle();
      for (const viewer of PEOPLE) expect(await model.read(viewer)).toEqual({ ids: wanted(viewer), state: FeedState.READY });
      for (const mode of await plaza.modesOf(PEOPLE)) modes.add(mode);
      plaza.archived(100);
    }
    expect([...modes]).toEqual(expect.arrayContaining(['PUSH', 'PULL']));
  },
);

const stepOf = (dice: () => number, at: number): Step => {
  const person = () => PEOPLE[Math.floor(dice() * PEOPLE.length)]!;
  const visibility = () => (dice() < 0.2 ? 3 : dice() < 0.5 ? 2 : 1);
  // The newest are edited and deleted most, and any of the past now and then.
  const which = () => -1 - Math.floor(dice() < 0.7 ? dice() * 20 : (dice() * at) / 4);
  const draw = dice() * 100;
  if (draw < 26) return { kind: 'post', who: person(), visibility: visibility() };
  if (draw < 36) return { kind: 'edit', which: which(), visibility: visibility() };
  if (draw < 54) return { kind: 'delete', which: which() };
  if (draw < 66) return { kind: 'follow', who: person(), whom: person() };
  if (draw < 74) return { kind: 'unfollow', who: person(), whom: person() };
  if (draw < 99) return { kind: 'read', who: person(), pages: 1 + Math.floor(dice() * 2) };
  const rare = dice();
  return { kind: rare < 0.5 ? 'wipe' : rare < 0.75 ? 'sleep' : 'forget' };
};

/** Whoever waits for a turn gets it in any order. One command in fifty goes wrong; of these every sixth kills its process. */
const randomChance = (dice: () => number): Chance => {
  const FAULTS: (Fault | 'death')[] = ['conflict', 'throttle', 'partial', 'lost-reply', 'unreachable', 'death'];
  const waiting: (() => void)[] = [];
  let isRunning = false;
  const run = () => {
    // Those that the last ones let go on have come to their next turn by now.
    for (let i = 0; i < 4 && waiting.length > 0; i++) {
      const at = Math.floor(dice() * waiting.length);
      const [next] = waiting.splice(at, 1);
      next!();
    }
    isRunning = waiting.length > 0;
    if (isRunning) setImmediate(run);
  };
  return {
    turn: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        if (!isRunning) setImmediate(run);
        isRunning = true;
      }),
    fault: () => (dice() < 0.02 ? FAULTS[Math.floor(dice() * FAULTS.length)] : undefined),
    twice: () => dice() < 0.1,
    lag: () => (dice() < 0.1 ? 12 : 0),
  };
};

/** Tommy Ettinger's generator, public domain. */
const mulberry32 = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
};
