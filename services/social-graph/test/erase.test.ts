import { newId } from '@plaza/core';
import { userErasureRequested } from '@plaza/events';
import { asAdmin, asUser, eventually, testContext } from '@plaza/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { audit } from './audit.ts';
import { people, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
beforeEach(() => {
  world.away.user = false;
});
afterAll(() => world.close());

test('an erased person leaves no edge, the counts of others converge, and every end of a follow is told', async () => {
  const { person, fans, idols, everybody } = await society();
  world.strangers.add(person);
  await erase(person);
  const [report] = await reportsOf(person, 1);
  expect(report).toMatchObject({
    erased: [
      { kind: 'followers', count: BigInt(fans.length) },
      { kind: 'following', count: BigInt(idols.length) },
    ],
  });
  for (const fan of fans) expect(await world.edge(fan, person)).toEqual([false, false]);
  for (const idol of idols) expect(await world.edge(person, idol)).toEqual([false, false]);
  await eventually(async () => expect(await audit(world.app.db, everybody)).toEqual([]), { timeoutMs: 20_000 });
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
  expect((await reportsOf(person, 1))[0]!.erased.map(({ count }) => Number(count))).toEqual([fans.length, 3]);
});

test('an import that began before the deletion writes no edge of the person afterwards', { timeout: 60_000 }, async () => {
  const [follower, person, ...others] = people(4) as [string, string, ...string[]];
  const written = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<void>();
  const messages = async function* () {
    yield { followerId: follower, followeeIds: [others[0]!] };
    yield { followerId: others[0]!, followeeIds: [person] };
    written.resolve();
    await gone.promise;
    yield { followerId: follower, followeeIds: [person, others[1]!] };
  };
  const imported = world.graph.importFollows(asAdmin(60_000), messages());
  await written.promise;
  await eventually(async () => expect(await world.edge(others[0]!, person)).toEqual([true, true]));
  world.strangers.add(person);
  // Whom an import knows, it knows for five seconds; erasing begins twelve after the deletion.
  await erase(person, Date.now());
  await reportsOf(person, 1);
  gone.resolve();
  expect(await imported).toMatchObject({ created: 3n, refused: 1n });
  expect(await world.edge(follower, person)).toEqual([false, false]);
});

/** A person whom some follow and who follows some. */
const society = async () => {
  const [person, ...others] = people(8) as [string, ...string[]];
  const [fans, idols] = [others.slice(0, 4), others.slice(4)];
  for (const fan of fans) await world.graph.follow(asUser(fan, 30_000), { followerId: fan, followeeId: person });
  for (const idol of idols)
    await world.graph.follow(asUser(person, 30_000), { followerId: person, followeeId: idol, requestId: newId() });
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
