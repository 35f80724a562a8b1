import { isAppError } from '@plaza/core';

/** How an act ends at last: a store's act is repeated, with its mutation, until it is definitely done or refused. */
export const settled = async <T>(
  act: () => Promise<T>,
): Promise<{ end: 'ok'; answer: T } | { end: string; answer?: undefined }> => {
  for (;;) {
    try {
      return { end: 'ok', answer: await act() };
    } catch (error) {
      if (!isAppError(error)) throw error;
      if (!['UNAVAILABLE', 'ABORTED'].includes(error.code)) return { end: error.reason };
    }
  }
};
