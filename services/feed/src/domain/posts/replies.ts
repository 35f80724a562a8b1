/** Whether a post shows to anybody but its author; undefined if there is none. */
type Private = boolean | undefined;

/**
 * By how much the replies of the answered post move when a post that may answer it becomes another. A PRIVATE answer stands in no
 * list, and is not counted.
 */
export const repliesMoved = (
  replyToPostId: string,
  { wasPrivate, isPrivate }: { wasPrivate?: Private; isPrivate?: Private },
): { postId: string; replies: number } | undefined => {
  const replies = counted(isPrivate) - counted(wasPrivate);
  return replyToPostId === '' || replies === 0 ? undefined : { postId: replyToPostId, replies };
};

const counted = (isPrivate: Private): 0 | 1 => (isPrivate === false ? 1 : 0);
