import type { Since, Step } from './tie.ts';

/**
 * What an erasure ends, in this order, by what the receipt calls it: requests first, because one that is granted meanwhile becomes a
 * follow, and nothing becomes a request. Mutes by others stay: nothing tells whose they are.
 */
export const ERASED_KINDS = [
  'requests_sent',
  'requests_received',
  'following',
  'followers',
  'blocks',
  'blocked_by',
  'mutes',
] as const;
export type ErasedKind = (typeof ERASED_KINDS)[number];

/** How many ties of each kind ended. */
export type ErasedTies = Readonly<Record<ErasedKind, number>>;

/** How the tie of this kind between an erased person and somebody else ends. */
export const erasedStep = (kind: ErasedKind, userId: string, otherId: string, was: Since): Step => {
  const outward = { from: userId, to: otherId, was };
  const inward = { from: otherId, to: userId, was };
  switch (kind) {
    case 'following':
      return { kind: 'unfollow', ...outward, cause: 'ERASED' };
    case 'followers':
      return { kind: 'unfollow', ...inward, cause: 'ERASED' };
    case 'requests_sent':
      return { kind: 'endRequest', ...outward, cause: 'ERASED' };
    case 'requests_received':
      return { kind: 'endRequest', ...inward, cause: 'ERASED' };
    case 'blocks':
      return { kind: 'unblock', ...outward };
    case 'blocked_by':
      return { kind: 'unblock', ...inward };
    case 'mutes':
      return { kind: 'unmute', ...outward };
  }
};
