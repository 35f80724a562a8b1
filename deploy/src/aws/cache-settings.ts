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
