export interface Verdict {
  readonly authorId: string;
  readonly visible: boolean;
  readonly following: boolean;
}

/** The one rule of who may see whom. Everybody sees everybody as yet; who follows also sees what is for followers only. */
export const judge = (authorIds: readonly string[], followed: ReadonlySet<string>): Verdict[] =>
  authorIds.map((authorId) => ({ authorId, visible: true, following: followed.has(authorId) }));
