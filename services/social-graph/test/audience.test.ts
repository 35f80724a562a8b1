import process from 'node:process';

import { asService } from '@plaza/testing';
import { noMetrics } from '@plaza/core';
import type { Db } from '@plaza/dynamo';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { judge, TIE } from '../src/domain/visibility.ts';
import { createAudienceStore } from '../src/store/audience-store.ts';
import { createSight } from '../src/store/sight-store.ts';
import { createStandingStore } from '../src/store/standing-store.ts';
import { bitsIn, changer, moodyCache, unsteadyDb, type Deed } from './sight-world.ts';
import { people } from './world.ts';

const RUNS = Number(process.env['SIMULATION_RUNS'] ?? 150);
const [AUTHOR = '', ...VIEWERS] = people(4);
const DEEDS: Deed[] = [
  'follow',
  'unfollow',
  'block',
  'unblock',
  'mute',
  'muteReposts',
  'unmute',
  'blockedBy',
  'unblockedBy',
  'approvedBy',
];

const feed = asService('feed');
const at = async () => undefined;
/** `ofKind`: how little is held, or believed to be few. */
const audienceOver = (db: Db, ofKind?: number) => {
  const standings = createStandingStore({ db });
  const most = ofKind === undefined ? {} : { ofKind };
  const sight = createSight({ db, circles: moodyCache(at, []), standings, metrics: noMetrics, most });
  return { sight, audiences: createAudienceStore({ db, sight, few: ofKind ?? 9 }) };
};

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ deed: fc.constantFrom(...DEEDS), viewer: fc.nat(VIEWERS.length - 1) }) },
  { weight: 1, arbitrary: fc.record({ isPrivate: fc.boolean(), gone: fc.constantFrom(false, false, true) }) },
);

test('what an audience is told is what each of it would be told', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.constantFrom(undefined, 0, 1), async (steps, ofKind) => {
      const db = unsteadyDb(at, []);
      const change = changer(db);
      const { sight, audiences } = audienceOver(db, ofKind);
      const everybody = [AUTHOR, ...VIEWERS, VIEWERS[0]!];
      for (const [i, one] of steps.entries()) {
        if ('deed' in one) await change.do(one.deed, VIEWERS[one.viewer]!, AUTHOR);
        else await change.stand(AUTHOR, i + 1, one);
        const viewOf = await audiences.of(feed, AUTHOR, everybody);
        const told = everybody.map((viewerId) => judge(viewOf(viewerId), AUTHOR));
        const each = everybody.map(async (viewerId) => judge(await sight.look(feed, viewerId, [AUTHOR]), AUTHOR));
        expect(told).toEqual(await Promise.all(each));
      }
    }),
    { numRuns: RUNS },
  );
});

const FOLLOWS_OR_BLOCKS = TIE.FOLLOWS | TIE.REQUESTED | TIE.BLOCKS | TIE.BLOCKED_BY;

test(
  'follows, requests and blocks are as they were at one moment, whatever changes while they are read',
  { timeout: 120_000 },
  async () => {
    const [viewer = ''] = VIEWERS;
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            deed: fc.constantFrom<Deed>('follow', 'unfollow', 'blockedBy', 'unblockedBy', 'approvedBy'),
            lag: fc.nat(8),
          }),
          { minLength: 1, maxLength: 8 },
        ),
        fc.boolean(),
        fc.scheduler(),
        async (deeds, isPrivate, scheduler) => {
          const turn = (label: string) => scheduler.schedule(Promise.resolve(), label);
          const db = unsteadyDb(turn, []);
          const change = changer(db);
          const { audiences } = audienceOver(db);
          const told = async (tie: number) => {
            const view = {
              viewerId: viewer,
              tie: () => tie & FOLLOWS_OR_BLOCKS,
              standing: () => ({ isPrivate, gone: false }),
              epoch: '',
            };
            return JSON.stringify(judge(view, AUTHOR));
          };
          const was: string[] = [];
          const story = async () => {
            // What is asked for while private stays asked for, until it is granted, when the account has gone public.
            await change.stand(AUTHOR, 1, { isPrivate: true, gone: false });
            await change.do('follow', viewer, AUTHOR);
            if (!isPrivate) await change.stand(AUTHOR, 2, { isPrivate: false, gone: false });
            was.push(await told((await bitsIn(db, viewer, [AUTHOR]))[0]!));
            const asked = audiences.of(feed, AUTHOR, [viewer]);
            for (const { deed, lag } of deeds) {
              for (let i = 0; i < lag; i++) await turn('later');
              // In the table before the change is answered, so that the moment of it is in between.
              await change.do(deed, viewer, AUTHOR);
              was.push(await told((await bitsIn(db, viewer, [AUTHOR]))[0]!));
            }
            const view = (await asked)(viewer);
            expect(was).toContain(await told(view.tie(AUTHOR)));
          };
          await scheduler.waitFor(story());
        },
      ),
      { numRuns: RUNS },
    );
  },
);
