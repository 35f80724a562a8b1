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
  /** Of a deleted user. */
  readonly deletedAt?: number | undefined;
  /** Grows by one with every change; caches and etags go by it. */
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
};

/** What a person chooses at registration. */
export type Profile = Pick<User, 'username' | 'email' | 'displayName' | 'bio'>;

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
