import { isAppError } from '@plaza/core';
import { eventually } from '@plaza/testing';

/** What says nothing about the call itself: it may be repeated, under the same request_id. */
const PASSING = new Set(['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'INTERNAL', 'CANCELLED', 'ABORTED', 'RESOURCE_EXHAUSTED']);

/** Repeats a call, as a careful client does, until it is answered; a refusal is an answer, and thrown. */
export const insist = async <T>(call: () => Promise<T>, timeoutMs = 45_000): Promise<T> => {
  const answer = await eventually(
    () =>
      call().then(
        (value) => ({ value }),
        (error: unknown) => {
          if (!isAppError(error) || PASSING.has(error.code)) throw error;
          return { refusal: error };
        },
      ),
    { timeoutMs, everyMs: 100 },
  );
  if ('refusal' in answer) throw answer.refusal;
  return answer.value;
};
