import { assertAlive, type Context } from '@plaza/core';

export type Cap = <T>(ctx: Context, work: () => Promise<T>) => Promise<T>;

/** Lets `limit` pieces of work run at once; the rest wait in order. A waiter whose caller is gone never starts: it throws CANCELLED or DEADLINE_EXCEEDED. */
export const createCap = (limit: number): Cap => {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (ctx, work) => {
    if (running >= limit) await turn(ctx, waiting);
    else running++;
    try {
      assertAlive(ctx);
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
};

/** The slot is handed over, not freed, so `running` does not change on the way. */
const turn = (ctx: Context, waiting: (() => void)[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const start = () => {
      ctx.signal.removeEventListener('abort', leave);
      resolve();
    };
    const leave = () => {
      const place = waiting.indexOf(start);
      if (place >= 0) waiting.splice(place, 1);
      try {
        assertAlive(ctx);
        reject(ctx.signal.reason);
      } catch (error) {
        reject(error);
      }
    };
    if (ctx.signal.aborted) return leave();
    ctx.signal.addEventListener('abort', leave, { once: true });
    waiting.push(start);
  });
