import { join } from 'node:path';

import type { Owner } from '@plaza/events';

import { ROOT } from '../engines/find.ts';

export const SERVICES = ['user', 'product', 'order', 'social-graph', 'feed'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** The worker is the other half of feed: same identity, same tables. */
export const PROCESSES = [...SERVICES, 'feed-worker'] as const;
export type ProcessName = (typeof PROCESSES)[number];

export const serviceOf = (name: ProcessName): ServiceName => (name === 'feed-worker' ? 'feed' : name);

/** As the names of its events have it, and its users at the engines. */
export const ownerOf = (name: ProcessName): Owner => {
  const service = serviceOf(name);
  return service === 'social-graph' ? 'graph' : service;
};

export const entryOf = (name: ProcessName): string =>
  join(ROOT, 'services', serviceOf(name), 'src', name === 'feed-worker' ? 'worker.ts' : 'main.ts');
