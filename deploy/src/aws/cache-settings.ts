import { redisRules } from '@plaza/cache';
import { OWNERS } from '@plaza/events';

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

/** User → rules of their ACL: each service (the worker is feed's other half), and who empties it after a restore. */
export const CACHE_USERS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(OWNERS.map((owner) => [owner, `on ${redisRules(owner, '')}`])),
  operator: 'on ~* resetchannels +@all',
};
