import type { Units } from './capacity.ts';
import type { Usage } from './usage.ts';

/** What follows behind an answer, by events. The services' READMEs tell of it beside their tables; a test does not measure it. */
export interface Behind extends Units {
  readonly what: string;
}

/** Moving an event to the archive: a copy is written and the row in the outbox removed. */
const ARCHIVE: Behind = { what: 'archive of its event', reads: 0, writes: 2 };

/** Per call, besides the archive. */
const MORE: Readonly<Record<string, (usage: Usage) => readonly Behind[]>> = {
  'PostService/CreatePost': ({ activeFollowers }) => [
    { what: 'rows in followers’ feeds', reads: 0, writes: activeFollowers },
    { what: 'reading followers', reads: Math.ceil(activeFollowers / 40), writes: 0 },
  ],
  'PostService/Repost': ({ activeFollowers }) => [{ what: 'rows in followers’ feeds', reads: 0, writes: activeFollowers }],
  // A tally takes many likes together; alone, one pays for all of it: the sum and its mark.
  'PostService/Like': () => [{ what: 'count and points', reads: 1, writes: 10 }],
  'SocialGraphService/Follow': () => [{ what: 'backfill of 100 posts', reads: 25, writes: 100 }],
  'OrderService/CreateOrder': () => [{ what: 'movements, sales and shares', reads: 5, writes: 30 }],
  'ProductService/CreateProduct': () => [{ what: 'projection for the search', reads: 4, writes: 2 * 67 }],
  'ProductService/UpdateProduct': () => [{ what: 'projection for the search', reads: 4, writes: 2 * 20 }],
};

export const behindOf = (rpc: string, mutation: boolean, usage: Usage): Behind[] => [
  ...(mutation ? [ARCHIVE] : []),
  ...(MORE[rpc]?.(usage) ?? []),
];
