import type { Caller } from '@plaza/core';

/** Who holds something of a person, in the order of their names. A test holds the list against the services that there are. */
export const ERASING_SERVICES = ['feed', 'order', 'product', 'social-graph', 'user'] as const;

export type ErasingService = (typeof ERASING_SERVICES)[number];

/** What one service erased, and what it keeps and why. */
export type Receipt = {
  readonly reportedAt: number;
  readonly erased: readonly { readonly kind: string; readonly count: number }[];
  readonly kept: readonly string[];
};

/** The erasure of one person; it holds nothing personal and stays for good. */
export type Purge = {
  readonly userId: string;
  readonly state: 'RUNNING' | 'DONE';
  readonly createdAt: number;
  readonly finishedAt?: number | undefined;
  readonly deletedAt: number;
  readonly receipts: Partial<Readonly<Record<ErasingService, Receipt>>>;
  /** What the user service itself found to erase, once it has begun. */
  readonly found?: Readonly<Record<string, number>> | undefined;
  /** Grows by one with every change. */
  readonly version: number;
};

export const newPurge = (userId: string, deletedAt: number, at: number): Purge => ({
  userId,
  state: 'RUNNING',
  createdAt: at,
  deletedAt,
  receipts: {},
  version: 1,
});

/** The purge with one receipt more: the last one ends it. Undefined if the service has reported before; the first report stands. */
export const reported = (purge: Purge, service: ErasingService, receipt: Receipt): Purge | undefined => {
  if (purge.receipts[service] !== undefined) return undefined;
  const receipts = { ...purge.receipts, [service]: receipt };
  const next = { ...purge, receipts, version: purge.version + 1 };
  const complete = ERASING_SERVICES.every((name) => receipts[name] !== undefined);
  return complete ? { ...next, state: 'DONE', finishedAt: receipt.reportedAt } : next;
};

/** The service that calls. The policy of ReportErasure admits no other, so another is a defect. */
export const erasingService = (caller: Caller): ErasingService => {
  const service = ERASING_SERVICES.find((name) => caller.kind === 'service' && name === caller.service);
  if (service === undefined) throw new Error(`no erasing service: ${caller.kind}`);
  return service;
};
