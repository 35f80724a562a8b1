import { pause } from './clock.ts';
import type { Context } from './context.ts';

/** How often it is asked, and how long to wait in between. */
const TIMES = 5;
const EVERY_MS = 200;

/** Asks whether it is so, again for about a second. False if it is not by then, or the call ends before. */
export const comesTrue = async (ctx: Context, isSo: () => Promise<boolean>): Promise<boolean> => {
  for (let times = 1; !(await isSo()); times++) {
    if (times === TIMES || ctx.signal.aborted) return false;
    await pause(EVERY_MS, ctx.signal);
  }
  return true;
};
