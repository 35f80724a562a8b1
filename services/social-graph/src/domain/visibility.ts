export interface Verdict {
  readonly authorId: string;
  readonly visible: boolean;
  readonly following: boolean;
}

/** The one rule of who may see whom: nobody sees who is gone; who follows also sees what is for followers only. */
export const judge = (
  authorIds: readonly string[],
  { followed, gone }: { followed: ReadonlySet<string>; gone: ReadonlySet<string> },
): Verdict[] => authorIds.map((authorId) => ({ authorId, visible: !gone.has(authorId), following: followed.has(authorId) }));
