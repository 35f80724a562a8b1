import { assertAlive, remainingMs, type Context } from '@plaza/core';

export interface Flights<T> {
  /** The flight under this key, as seen by a joiner; undefined if there is none. */
  join(ctx: Context, key: string): Promise<Landing<T>> | undefined;
  /** Announces a flight. It is gone when `done` settles. */
  announce(ctx: Context, key: string, result: Promise<T | undefined>, done: Promise<unknown>): void;
}

/** `abandoned`: the reader who loaded went away; the joiner must load for itself. */
export type Landing<T> = { readonly abandoned: false; readonly value: T | undefined } | { readonly abandoned: true };

/**
 * Single flight inside a process. The key holds the header that the readers saw in Redis: whoever sees another one, because a
 * write came between, does not join a load that may have read the table before that write.
 */
export const createFlights = <T>(): Flights<T> => {
  const flights = new Map<string, Promise<Landing<T>>>();
  return {
    join: (ctx, key) => {
      const flight = flights.get(key);
      return flight && whileAlive(ctx, flight);
    },
    announce: (ctx, key, result, done) => {
      const flight = result.then(
        (value): Landing<T> => ({ abandoned: false, value }),
        (error): Landing<T> => {
          if (ctx.signal.aborted || remainingMs(ctx) <= 0) return { abandoned: true };
          throw error;
        },
      );
      // The reader who loads reports the failure; that nobody joined is not another one.
      flight.catch(() => undefined);
      flights.set(key, flight);
      const land = () => {
        if (flights.get(key) === flight) flights.delete(key);
      };
      done.then(land, land);
    },
  };
};

/** The flight's end, unless the caller's time is over before: then DEADLINE_EXCEEDED or CANCELLED. */
export const whileAlive = <T>(ctx: Context, flight: Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const leave = () => {
      try {
        assertAlive(ctx);
        reject(ctx.signal.reason);
      } catch (error) {
        reject(error);
      }
    };
    if (ctx.signal.aborted) return leave();
    ctx.signal.addEventListener('abort', leave, { once: true });
    flight.then(resolve, reject).finally(() => ctx.signal.removeEventListener('abort', leave));
  });
