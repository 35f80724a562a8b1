import type { ProcessName } from '../topology.ts';

/**
 * The most that each process used while the demo was loaded (962 people, 37,624 follows, 3,000 posts, 300 orders) and shown,
 * by ps every 5 s on two shared cores: CPU over 30 s in thousandths of a core, memory as resident MiB. Right after
 * its start each has about 215 MiB.
 */
const MEASURED: Readonly<Record<ProcessName, { readonly cpu: number; readonly memory: number }>> = {
  // 110 of it measured; the rest is for passwords, of which the demo hashes none.
  user: { cpu: 250, memory: 255 },
  product: { cpu: 160, memory: 242 },
  order: { cpu: 120, memory: 232 },
  'social-graph': { cpu: 120, memory: 266 },
  feed: { cpu: 270, memory: 331 },
  'feed-worker': { cpu: 380, memory: 398 },
};

/**
 * Twice the measured CPU, so that a pod under the demo's load is half busy; the measured memory, and at most twice that.
 * No limit on CPU: it would only take away what is idle, and a throttled process misses its deadlines.
 */
export const resourcesOf = (name: ProcessName | 'job') => {
  // A job holds little and calls much, as order does.
  const { cpu, memory } = MEASURED[name === 'job' ? 'order' : name];
  const request = upTo(32, memory);
  return {
    requests: { cpu: `${upTo(50, 2 * cpu)}m`, memory: `${request}Mi` },
    limits: { memory: `${2 * request}Mi` },
  };
};

const upTo = (step: number, value: number): number => Math.ceil(value / step) * step;
