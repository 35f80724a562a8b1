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
  /** The user's at the signing-in. Once the user's is higher, the family is over. */
  readonly epoch: number;
  /** Public half of the refresh token: with the server's key it gives the token, alone it gives nothing. */
  readonly seed: string;
  readonly accessEndsAt: number;
  readonly refreshEndsAt: number;
};

type Origin = Pick<Grant, 'userId' | 'familyId' | 'startedAt' | 'epoch'>;

/** A refresh token as the table knows it. */
export type Session = Origin & {
  readonly endsAt: number;
  readonly usedAt?: number | undefined;
};

/** One signing-in and all that was refreshed from it: what the outside calls a session. */
export type Family = Origin & {
  /** When its newest refresh token was given, and when that ends. */
  readonly refreshedAt: number;
  readonly endsAt: number;
  readonly revokedAt?: number | undefined;
};

export const newGrant = (origin: Origin, seed: string, at: number): Grant => ({
  userId: origin.userId,
  familyId: origin.familyId,
  startedAt: origin.startedAt,
  epoch: origin.epoch,
  seed,
  accessEndsAt: at + ACCESS_MS,
  refreshEndsAt: Math.min(at + IDLE_MS, origin.startedAt + FAMILY_MS),
});

/** Whether a family lives, by the person's epoch and whether signing in is closed. */
export const isLiving = (family: Family, login: { epoch: number; closedAt?: number | undefined }, now: number): boolean =>
  family.revokedAt === undefined && family.endsAt > now && family.epoch === login.epoch && login.closedAt === undefined;

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
