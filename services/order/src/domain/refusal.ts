import { isAppError } from '@plaza/core';

import type { Failure } from './order.ts';

const REFUSALS: ReadonlySet<string> = new Set(['FAILED_PRECONDITION', 'NOT_FOUND', 'INVALID_ARGUMENT']);

/**
 * What a peer's error means for the order: a failure if the peer refused and will refuse again, undefined if the outcome is
 * unknown or the peer is in trouble. A bare code is no refusal: it comes from something on the way, not from the peer.
 */
export const refusalOf = (error: unknown): Failure | undefined => {
  if (!isAppError(error) || !REFUSALS.has(error.code) || error.reason === error.code) return undefined;
  const { domain = 'plaza', metadata = {} } = error.details;
  return { reason: error.reason, domain, message: error.message, metadata };
};
