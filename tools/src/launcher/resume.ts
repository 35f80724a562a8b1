import { AppError, pause, type ErrorCode } from '@plaza/core';

import type { DemoOptions, DemoSummary, LoadDemo } from '../demo/types.ts';
import type { Screen } from './screen.ts';

/** A busy machine, or a service that is starting again: worth another try. */
const PASSING: readonly ErrorCode[] = ['DEADLINE_EXCEEDED', 'UNAVAILABLE', 'ABORTED', 'RESOURCE_EXHAUSTED'];
const TRIES = 30;

/**
 * Loads the demo. The loader knows where it stopped and repeats under the same request_ids, so a failure that passes is
 * met by going on. Gives up when it happens again and again.
 */
export const loadResuming = async (
  load: LoadDemo,
  /** Fresh ones for each try: the plan is drawn from `random`, and must be the same again. */
  makeOptions: () => DemoOptions,
  { screen, stop, waitMs = 2_000 }: { screen: Screen; stop: AbortSignal; waitMs?: number },
): Promise<DemoSummary> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await load(makeOptions());
    } catch (error) {
      if (!(error instanceof AppError) || stop.aborted) throw error;
      const what = `loading the demo: ${error.code} ${error.reason}: ${error.message}`;
      if (attempt === TRIES || !PASSING.includes(error.code)) {
        throw new Error(`${what}\nwhat was loaded stays; the next start goes on from there`, { cause: error });
      }
      screen.forgetBars();
      screen.line(`          ${what}; going on`);
      await pause(waitMs, stop);
    }
  }
};
