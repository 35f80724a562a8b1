import { backgroundContext, errorFields, pause, type Log, type Metrics } from '@plaza/core';

import { isClean, stillSo, type Findings } from './domain/home/audit.ts';
import type { LiveSignals } from './live/live-signals.ts';
import { auditFaults, auditItems, auditRate } from './metrics.ts';
import type { Skeleton } from './skeleton.ts';
import type { Verify } from './verify.ts';

/** One feed at a time: some hundred reads in ten seconds, whatever the load. */
const EVERY_MS = 10_000;
/** What was on its way has arrived by then, or is late enough to be told of. */
const CONFIRM_MS = 15_000;
const ITEMS = 100;
const WORK_MS = 20_000;
/** Feeds to choose from. */
const SAMPLE = 1_000;

const KINDS = ['missing', 'extra', 'leaked'] as const;

/**
 * Looks again and again whether a feed is right, of those that something came into lately, and repairs what is not. What is found twice
 * counts.
 */
export const createAuditor = (deps: {
  verify: Verify['verify'];
  rebuild: Skeleton['rebuild'];
  log: Log;
  metrics: Metrics;
  everyMs?: number;
  confirmMs?: number;
  random?: () => number;
}) => {
  const { verify, rebuild, log, metrics, everyMs = EVERY_MS, confirmMs = CONFIRM_MS, random = Math.random } = deps;
  const items = metrics.counter(auditItems);
  const faults = metrics.counter(auditFaults);
  const rate = metrics.gauge(auditRate);
  // Or the first one would not be an increase.
  for (const kind of KINDS) faults.add({ kind }, 0);
  const closing = new AbortController();
  const sample: string[] = [];
  let [compared, wrong] = [0, 0];

  const count = (found: Findings): void => {
    compared += found.items;
    items.add({}, found.items);
    for (const kind of KINDS) {
      wrong += found[kind].length;
      if (found[kind].length > 0) faults.add({ kind }, found[kind].length);
    }
    if (compared > 0) rate.set({}, (1e6 * wrong) / compared);
  };

  const look = async (): Promise<Findings | undefined> => {
    const [viewerId] = sample.splice(Math.floor(random() * sample.length), 1);
    if (viewerId === undefined) return undefined;
    const ctx = backgroundContext({ method: 'feed.audit', timeoutMs: WORK_MS + confirmMs, log, signal: closing.signal });
    const first = await verify(ctx, viewerId, ITEMS);
    if (!isClean(first)) await pause(confirmMs, closing.signal);
    const found = isClean(first) ? first : stillSo(first, await verify(ctx, viewerId, ITEMS));
    count(found);
    if (isClean(found)) return found;
    const { missing, extra, leaked } = found;
    log.error('feed.audit_inconsistent', { viewerId, missing, extra, leaked });
    await rebuild(ctx, viewerId);
    return found;
  };

  const run = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      await pause(everyMs, closing.signal);
      if (closing.signal.aborted) return;
      await look().catch((error: unknown) => {
        if (!closing.signal.aborted) log.warn('feed.audit_failed', errorFields(error));
      });
    }
  };
  let running: Promise<void> | undefined;

  return {
    /** One feed; undefined if none was touched. */
    look,

    /** These feeds have changed: of many, some are remembered. */
    touched(viewerIds: readonly string[]): void {
      for (const viewerId of viewerIds) {
        if (sample.length < SAMPLE) sample.push(viewerId);
        else sample[Math.floor(random() * SAMPLE)] = viewerId;
      }
    },

    start(): void {
      running ??= run();
    },

    async close(): Promise<void> {
      closing.abort();
      await running;
    },
  };
};

/** Whatever comes into feeds is told to streams, and those feeds are looked at now and then. */
export const touching = (auditor: Pick<ReturnType<typeof createAuditor>, 'touched'>, live: LiveSignals): LiveSignals => ({
  ...live,
  pushed: (entry, sourceId, viewerIds) => {
    live.pushed(entry, sourceId, viewerIds);
    auditor.touched(viewerIds);
  },
});
