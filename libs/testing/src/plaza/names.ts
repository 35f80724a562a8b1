import { join } from 'node:path';

import { ROOT } from '../engines/find.ts';

export const SERVICES = ['user', 'product', 'order', 'social-graph', 'feed'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** The worker is the other half of feed: same identity, same tables. */
export const PROCESSES = [...SERVICES, 'feed-worker'] as const;
export type ProcessName = (typeof PROCESSES)[number];

export const serviceOf = (name: ProcessName): ServiceName => (name === 'feed-worker' ? 'feed' : name);

export const entryOf = (name: ProcessName): string =>
  join(ROOT, 'services', serviceOf(name), 'src', name === 'feed-worker' ? 'worker.ts' : 'main.ts');
