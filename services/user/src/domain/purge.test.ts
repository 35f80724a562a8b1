import { expect, test } from 'vitest';

import { ERASING_SERVICES, erasingService, newPurge, reported, type ErasingService, type Purge } from './purge.ts';

const receipt = (reportedAt: number) => ({ reportedAt, erased: [{ kind: 'posts', count: 3 }], kept: [] });

test('the last receipt ends a purge, whichever it is; the first one of a service stands', () => {
  for (const last of ERASING_SERVICES) {
    let purge = newPurge('ada', 500, 1000);
    const others = ERASING_SERVICES.filter((service) => service !== last);
    for (const service of others) {
      purge = reported(purge, service, receipt(2000))!;
      expect(purge).toMatchObject({ state: 'RUNNING', userId: 'ada' });
      expect(reported(purge, service, receipt(9000))).toBeUndefined();
    }
    const done = reported(purge, last, receipt(3000)) as Purge;
    expect(done).toMatchObject({ state: 'DONE', finishedAt: 3000, version: 6 });
    expect(Object.keys(done.receipts).toSorted()).toEqual([...ERASING_SERVICES]);
    for (const service of ERASING_SERVICES) expect(reported(done, service, receipt(9000))).toBeUndefined();
  }
});

test('a service reports under the name that its token proves', () => {
  for (const service of ERASING_SERVICES) expect(erasingService({ kind: 'service', service })).toBe<ErasingService>(service);
  expect(() => erasingService({ kind: 'service', service: 'mail' })).toThrow('no erasing service');
  expect(() => erasingService({ kind: 'admin' })).toThrow('no erasing service');
});
