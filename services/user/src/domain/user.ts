import { invalidField, maskPaths, type Caller } from '@plaza/core';

import { etagMismatch, restoreWindowOver, userNotDeleted, userNotFound } from './errors.ts';

const DAY_MS = 24 * 3_600_000;

/** For so long a deleted person can be brought back. */
const RESTORE_WINDOW_MS = 30 * DAY_MS;

/** DELETED people are hidden and can be brought back; of PURGED ones only the id is left. */
export type UserState = 'ACTIVE' | 'DELETED' | 'PURGED';

/** A person or a shop, as everybody may see it; only `email` is for the user's own eyes. */
export type User = {
  readonly userId: string;
  readonly username: string;
  readonly email: string;
  readonly displayName: string;
  readonly bio: string;
  readonly imageUrl: string;
  /** Followers must be approved, and only they see the posts. */
  readonly isPrivate: boolean;
  readonly state: UserState;
  /** Of a user that is not ACTIVE. */
  readonly deletedAt?: number | undefined;
  /** Grows by one with every change; caches and etags go by it. */
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
};

/** What a person chooses at registration. */
export type Profile = Pick<User, 'username' | 'email' | 'displayName' | 'bio'>;

/** What a person may change later. */
export type UserChanges = Profile & Pick<User, 'imageUrl' | 'isPrivate'>;

export const newUser = (userId: string, { username, email, displayName, bio }: Profile, at: number): User => ({
  userId,
  username,
  email,
  displayName,
  bio,
  imageUrl: '',
  isPrivate: false,
  state: 'ACTIVE',
  version: 1,
  createdAt: at,
  updatedAt: at,
});

/** Deleted and purged people are shown to admins alone: to everybody else they do not exist. */
export const isVisibleTo = ({ state }: User, caller: Caller): boolean => state === 'ACTIVE' || caller.kind === 'admin';

/** Paths of UpdateUser's mask, and what they stand for. */
const FIELDS = {
  username: 'username',
  email: 'email',
  display_name: 'displayName',
  bio: 'bio',
  image_url: 'imageUrl',
  is_private: 'isPrivate',
} as const satisfies Record<string, keyof UserChanges>;

export type UserPath = keyof typeof FIELDS;

/**
 * The paths that a mask names, with values that can stand.
 * @throws INVALID_ARGUMENT INVALID_FIELD, also for a name that is to become empty: nobody is without
 */
export const pathsToChange = (mask: readonly string[], changes: UserChanges): UserPath[] => {
  const paths = maskPaths(mask, Object.keys(FIELDS) as UserPath[]);
  for (const path of ['username', 'email'] as const)
    if (paths.includes(path) && changes[path] === '') throw invalidField(`changes.${path}`, 'must not be empty');
  return paths;
};

/** @throws NOT_FOUND USER_NOT_FOUND, ABORTED ETAG_MISMATCH */
export const userToChange = (user: User | undefined, etag: string): User => {
  if (user?.state !== 'ACTIVE') throw userNotFound();
  if (etag !== '' && etag !== String(user.version)) throw etagMismatch(String(user.version));
  return user;
};

export const changedUser = (user: User, paths: readonly UserPath[], changes: UserChanges, at: number): User => ({
  ...user,
  ...Object.fromEntries(paths.map((path) => [FIELDS[path], changes[FIELDS[path]]])),
  version: user.version + 1,
  updatedAt: at,
});

export const deletedUser = (user: User, at: number): User => ({
  ...user,
  state: 'DELETED',
  deletedAt: at,
  version: user.version + 1,
  updatedAt: at,
});

export const restorableUntil = (deletedAt: number): number => deletedAt + RESTORE_WINDOW_MS;

/** @throws NOT_FOUND USER_NOT_FOUND, FAILED_PRECONDITION USER_NOT_DELETED or RESTORE_WINDOW_OVER */
export const restoredUser = (user: User | undefined, at: number): User => {
  const { deletedAt, ...kept } = assertDeleted(user);
  if (at > restorableUntil(deletedAt)) throw restoreWindowOver();
  return { ...kept, state: 'ACTIVE', version: kept.version + 1, updatedAt: at };
};

/** @throws NOT_FOUND USER_NOT_FOUND, FAILED_PRECONDITION USER_NOT_DELETED */
export const assertDeleted = (user: User | undefined): User & { deletedAt: number } => {
  if (user === undefined) throw userNotFound();
  const { deletedAt } = user;
  if (user.state !== 'DELETED' || deletedAt === undefined) throw userNotDeleted(user.state);
  return { ...user, deletedAt };
};

/** What is left for good: the id, so that nobody gets it again and what names it leads to nobody. */
export const purgedUser = ({ userId, version, createdAt, deletedAt }: User, at: number): User => ({
  ...newUser(userId, { username: '', email: '', displayName: '', bio: '' }, createdAt),
  state: 'PURGED',
  deletedAt,
  version: version + 1,
  updatedAt: at,
});
