import type { Clock } from '@plaza/core';

/** Beats come every 200 ms. So long without one, and its sender may have said something that was not heard. */
export const BEAT_GAP_MS = 750;
/**
 * The way to the server and back is tried every 200 ms. What was said longer ago than this may still be under way. Together with
 * the sender's own way, on which beats stay regular up to 0.6 s, this is below a second.
 */
const ROUND_TRIP_MS = 400;
/** Times without a miss that are remembered. Of interest are those of the last minute; more than this, and the bus is of no use. */
const SPANS = 10;
/** Longer than the life of an access token (15 min) and what clocks may differ by (1 min). */
export const REMEMBERED_MS = 20 * 60_000;

export interface Ended {
  readonly userId: string;
  /** Empty: all sessions of the user that are of a lower epoch. */
  readonly sessionId: string;
  readonly epoch: number;
}

export type Hearing = ReturnType<typeof createHearing>;

/**
 * What one process has heard of ended sessions, and since when it can have missed none. Nothing is missed on an unbroken
 * connection with a run of beats without a gap, because a sender that cannot be heard cannot be heard beating either.
 * @param now monotonic milliseconds: a clock that is set back would stretch the silence that is put up with
 */
export const createHearing = (now: Clock) => {
  const sessions = createMemory<true>(now);
  const epochs = createMemory<number>(now);
  let open = false;
  let running = false;
  /** Times without a miss, the latest last. */
  let spans: { readonly from: number; until: number }[] = [];
  let triedAt = -Infinity;

  return {
    /** Listening has begun, on a new connection. */
    opened() {
      open = true;
      running = false;
      triedAt = -Infinity;
    },
    closed() {
      open = false;
      running = false;
    },
    /** Something came and could not be understood: the next beat begins anew. */
    missed() {
      running = false;
    },
    /**
     * A beat came. The first one of a run begins the time without a miss: what its sender committed while it was not heard is
     * in the table by now, so whoever asks from here on finds it there.
     */
    beat() {
      if (!open) return;
      const at = now();
      const last = spans.at(-1);
      if (running && last && at - last.until < BEAT_GAP_MS) last.until = at;
      else spans = [...spans.slice(1 - SPANS), { from: at, until: at }];
      running = true;
    },
    /** All that the server had to deliver by `sentAt` is here. */
    roundTrip(sentAt: number) {
      if (open) triedAt = Math.max(triedAt, sentAt);
    },
    ended({ userId, sessionId, epoch }: Ended) {
      if (sessionId === '') epochs.set(userId, Math.max(epoch, epochs.get(userId) ?? 0));
      else sessions.set(sessionId, true);
    },
    /** Since when nothing was missed; undefined while that is not sure. */
    sureSince: (): number | undefined => {
      const at = now();
      const last = spans.at(-1);
      return running && last && at - last.until < BEAT_GAP_MS && at - triedAt < ROUND_TRIP_MS ? last.from : undefined;
    },
    /** Until when nothing was missed from that time on; at least that time itself. */
    sureUntil: (at: number): number => Math.max(at, spans.findLast(({ from }) => from <= at)?.until ?? at),
    hasEnded: (userId: string, session: { id: string; epoch: number }): boolean =>
      sessions.get(session.id) === true || (epochs.get(userId) ?? 0) > session.epoch,
  };
};

/** Keeps what it is told for one to two times REMEMBERED_MS. Two maps take turns, so nothing is ever searched for what is old. */
const createMemory = <V>(now: Clock) => {
  let young = new Map<string, V>();
  let old = new Map<string, V>();
  let turnedAt = now();
  return {
    get: (key: string): V | undefined => young.get(key) ?? old.get(key),
    set(key: string, value: V) {
      if (now() - turnedAt >= REMEMBERED_MS) {
        old = young;
        young = new Map();
        turnedAt = now();
      }
      young.set(key, value);
    },
  };
};
