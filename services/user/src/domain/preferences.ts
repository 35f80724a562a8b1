import { etagMismatch } from './errors.ts';

/** What a person wants. */
export type Preferences = {
  /** Whether what the person buys may appear in followers' feeds; each order must agree too. */
  readonly sharePurchases: boolean;
  /** Grows by one with every change; 0: never changed. */
  readonly version: number;
};

export const DEFAULT_PREFERENCES: Preferences = { sharePurchases: false, version: 0 };

/** Paths of UpdatePreferences' mask. */
export const PREFERENCE_PATHS = ['share_purchases'] as const;

/** @throws ABORTED ETAG_MISMATCH */
export const changedPreferences = (preferences: Preferences, sharePurchases: boolean, etag: string): Preferences => {
  if (etag !== '' && etag !== String(preferences.version)) throw etagMismatch(String(preferences.version));
  return { sharePurchases, version: preferences.version + 1 };
};
