import type { DemoSummary } from './types.ts';

/** One seed, one demo. */
export const SEED = 20_241_120;

export const summaryLine = (summary: DemoSummary): string =>
  `the demo is ${summary.resumed ? 'there' : 'loaded'}: ${summary.users} people, ${summary.shops} shops, ` +
  `${summary.follows} follows, ${summary.products} products, ${summary.posts} posts, ${summary.orders} orders`;
