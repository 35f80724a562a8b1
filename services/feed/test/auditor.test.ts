import { silentLog } from '@plaza/core';
import { createMetrics } from '@plaza/rpc';
import { testContext } from '@plaza/testing';
import { afterAll, expect, test } from 'vitest';

import { createAuditor, touching } from '../src/auditor.ts';
import type { Verify } from '../src/verify.ts';
import { noRedis } from './in-memory.ts';
import { CLEAN, story } from './verify-scene.ts';

afterAll(() => noRedis.close());

const auditorOf = ({ plaza }: Awaited<ReturnType<typeof story>>, verify: Verify['verify'] = plaza.rpc.checker.verify) => {
  const metrics = createMetrics();
  const { skeleton } = plaza.feeds;
  const rebuild = (...args: Parameters<typeof skeleton.rebuild>) => skeleton.rebuild(...args);
  const auditor = createAuditor({ verify, rebuild, log: silentLog, metrics, confirmMs: 0 });
  return { auditor, metrics };
};

test('the auditor finds what is wrong in a feed that was touched, tells how much it is, and repairs it', async () => {
  const world = await story();
  const { viewer, ids, removeRow, read, plaza } = world;
  const { auditor, metrics } = auditorOf(world);
  expect(await auditor.look(), 'nothing was touched').toBeUndefined();
  const said: string[] = [];
  const live = touching(auditor, { pushed: (entry) => said.push(entry), pulled: () => undefined });
  live.pushed(ids[0]!, viewer, [viewer]);
  expect(said).toEqual(ids.slice(0, 1));
  expect(await auditor.look()).toMatchObject({ ...CLEAN, items: 3 });
  await removeRow(ids[0]!);
  auditor.touched([viewer]);
  expect(await auditor.look()).toMatchObject({ ...CLEAN, missing: [ids[0]] });
  await plaza.settle(0);
  expect(await read()).toEqual(ids);
  const text = await metrics.text();
  expect(text).toContain('feed_audit_items_total 6');
  expect(text).toContain('feed_audit_inconsistencies_total{kind="missing"} 1');
  expect(text).toMatch(/feed_audit_inconsistencies_per_million 166666/);
});

test('what was only on its way is no fault', async () => {
  const world = await story();
  const { viewer, author, ids, removeRow, addRow, plaza } = world;
  await removeRow(ids[0]!);
  const found: number[] = [];
  const { auditor } = auditorOf(world, async (...args) => {
    const findings = await plaza.rpc.checker.verify(...args);
    found.push(findings.missing.length);
    await addRow(ids[0]!, author);
    return findings;
  });
  auditor.touched([viewer]);
  expect(await auditor.look()).toMatchObject(CLEAN);
  expect(found).toEqual([1, 0]);
  expect(await plaza.rpc.states.get(testContext(), viewer)).toMatchObject({ epoch: 1 });
});
