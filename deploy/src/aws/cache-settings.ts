import { TOPOLOGY } from '../topology.ts';

/**
 * One Valkey for all. Whatever is in it has a life and can be made again, and every structure is one key or is marked so that a
 * half of it is not read: what is not asked for may go (docs/decisions/0035). `noeviction` would refuse writes instead.
 */
export const CACHE = {
  engine: 'valkey',
  version: '8.0',
  family: 'valkey8',
  parameters: {
    'maxmemory-policy': 'allkeys-lru',
    // 500 ids of a head then take 21 KB, else 60.
    'zset-max-listpack-entries': '1024',
  },
  /** The primary and its replicas. */
  nodes: 3,
} as const;

/** The services that have a user of their own; the worker is feed's other half. */
export const CACHE_USERS = [...new Set(TOPOLOGY.map(({ service }) => service))];

/** Data commands and scripts, none that looks at or changes the server but INFO, by which a service knows one run of it from the next. */
export const CACHE_ACCESS = 'on ~* resetchannels -@all +@read +@write +@scripting +@connection +@transaction -@dangerous +info';
