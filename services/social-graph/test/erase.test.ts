import { userErasureRequested } from '@plaza/events';
import { asAdmin, eventually, testContext } from '@plaza/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { audit } from './audit.ts';
import { storyOf } from './story.ts';
import { verbs, type Verbs } from './verbs.ts';
import { people, startWorld, type World } from './world.ts';

let world: World;
let does: Verbs;
beforeAll(async () => {
  world = await startWorld();
  does = verbs(world.graph);
});
beforeEach(() => {
  world.away.user = false;
});
afterAll(() => world.close());

test('an erased person leaves no tie, the counts of others converge, and every end is told', async () => {
  const { person, fans, idols, everybody } = await society();
  const [waiting, asked, foe, rival, bore] = people(5) as [string, string, string, string, string];
  for (const id of [person, asked]) await world.stand(id, { isPrivate: true });
  await does.follow(waiting, person);
  await does.follow(person, asked);
  await does.block(person, foe);
  await does.block(rival, person);
  await does.mute(person, bore);
  await does.mute(bore, person);
  world.strangers.add(person);
  await erase(person);
  const [report] = await reportsOf(person, 1);
  expect(report!.erased.map(({ kind, count }) => [kind, Number(count)])).toEqual([
    ['following', idols.length],
    ['followers', fans.length],
    ['requests_sent', 1],
    ['requests_received', 1],
    ['blocks', 1],
    ['blocked_by', 1],
    ['mutes', 1],
  ]);
  for (const kept of ['mutes of the person by others', 'events that could not be handled', 'refusals in receipts of imports'])
    expect(report!.kept.join()).toContain(kept);
  expect(await storyOf(world.app.db, fans[0]!, person)).toEqual(['follow began', 'follow ended ERASED']);
  expect(await storyOf(world.app.db, waiting, person)).toEqual(['request began', 'request ended ERASED']);
  expect(await storyOf(world.app.db, person, asked)).toEqual(['request began', 'request ended ERASED']);
  expect(await storyOf(world.app.db, person, foe)).toEqual(['block began', 'block ended']);
  expect(await storyOf(world.app.db, rival, person)).toEqual(['block began', 'block ended']);
  expect(await storyOf(world.app.db, person, bore)).toEqual(['mute began', 'mute ended']);
  // Whom nobody can find from the other side: it stays until it is taken back.
  expect(await storyOf(world.app.db, bore, person)).toEqual(['mute began']);
  await does.unmute(bore, person);
  await eventually(async () => expect(await audit(world.app.db, [...everybody, waiting, asked, foe, rival, bore])).toEqual([]), {
    timeoutMs: 20_000,
  });
  const { counts } = await world.graph.batchGetCounts(testContext(), { userIds: [...fans, ...idols] });
  expect(counts.map(({ followers, following }) => Number(followers + following))).toEqual(everybody.slice(1).map(() => 0));
});

test('delivered again, and with all events of the past told again, nothing comes back', async () => {
  const { person, everybody } = await society();
  const begin = new Date(Date.now() - 60_000);
  world.strangers.add(person);
  const event = await erase(person);
  const [first] = await reportsOf(person, 1);
  await world.events.replayEvents(asAdmin(), { fromTime: begin });
  await world.userEvents.replay(event);
  expect((await reportsOf(person, 2))[1]).toEqual(first);
  await eventually(async () => expect(await audit(world.app.db, everybody)).toEqual([]), { timeoutMs: 20_000 });
});

test('a report that does not get through is repeated, with the same numbers', async () => {
  const { person, fans } = await society();
  world.away.user = true;
  await erase(person);
  await eventually(async () => expect(await world.edge(fans[0]!, person)).toEqual([false, false]), { timeoutMs: 20_000 });
  world.away.user = false;
  expect((await reportsOf(person, 1))[0]!.erased.map(({ count }) => Number(count))).toEqual([3, fans.length, 0, 0, 0, 0, 0]);
});

/** A person whom some follow and who follows some. */
const society = async () => {
  const [person, ...others] = people(8) as [string, ...string[]];
  const [fans, idols] = [others.slice(0, 4), others.slice(4)];
  for (const fan of fans) await does.follow(fan, person);
  for (const idol of idols) await does.follow(person, idol);
  await eventually(async () => expect(await audit(world.app.db, [person, ...others])).toEqual([]));
  return { person, fans, idols, everybody: [person, ...others] };
};

const erase = (userId: string, deletedAt = Date.now() - 60_000) =>
  world.userEvents.publish(userErasureRequested, { userId, deleteTime: new Date(deletedAt) });

const reportsOf = (userId: string, count: number) =>
  eventually(
    () => {
      const reports = world.reports.filter((report) => report.userId === userId);
      expect(reports).toHaveLength(count);
      return reports;
    },
    { timeoutMs: 30_000 },
  );
