const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** A signing-in lives at most this long, however often it is refreshed. */
export const FAMILY_MS = 30 * DAY_MS;
/** A refresh token that is not used for this long dies. */
const IDLE_MS = 7 * DAY_MS;
const ACCESS_MS = 15 * MINUTE_MS;

/** One pair of tokens, without the tokens: what is stored to give the same answer again. */
export type Grant = {
  readonly userId: string;
  /** All grants that descend from one signing-in; they are revoked together. */
  readonly familyId: string;
  readonly startedAt: number;
  /** Public half of the refresh token: with the server's key it gives the token, alone it gives nothing. */
  readonly seed: string;
  readonly accessEndsAt: number;
  readonly refreshEndsAt: number;
};

/** A refresh token as the table knows it. */
export type Session = Pick<Grant, 'userId' | 'familyId' | 'startedAt'> & {
  readonly endsAt: number;
  readonly usedAt?: number | undefined;
};

export const newGrant = (family: Pick<Grant, 'userId' | 'familyId' | 'startedAt'>, seed: string, at: number): Grant => ({
  userId: family.userId,
  familyId: family.familyId,
  startedAt: family.startedAt,
  seed,
  accessEndsAt: at + ACCESS_MS,
  refreshEndsAt: Math.min(at + IDLE_MS, family.startedAt + FAMILY_MS),
});

/**
 * What a presented refresh token is worth. A used one shows theft also when its own time is over, as long as its family may
 * live. The table's TTL deletes late, so the end is judged here.
 */
export const judge = (session: Session | undefined, now: number): 'good' | 'reused' | 'dead' => {
  if (session === undefined) return 'dead';
  if (session.usedAt !== undefined) return 'reused';
  return session.endsAt <= now ? 'dead' : 'good';
};

/** A repeated answer extends nothing: the access token ends when the first one did. */
export const accessTtlMs = ({ accessEndsAt }: Grant, now: number): number => Math.max(1, accessEndsAt - now);
