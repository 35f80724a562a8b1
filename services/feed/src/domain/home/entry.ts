/** Length of a ULID, which every entry begins with: the key of an entry sorts by its time. */
const PLACE = 26;

/**
 * One line of a feed or of a source's timeline. A source is a person or a product: people follow people, and keep products in view.
 * The key says all that is needed to read what the entry is about, so that rows and heads hold keys alone.
 */
export type Entry =
  /** A post of its author. */
  | { readonly kind: 'POST'; readonly key: string; readonly place: string; readonly postId: string }
  /** The source passes a post on. */
  | {
      readonly kind: 'REPOST';
      readonly key: string;
      readonly place: string;
      readonly sourceId: string;
      readonly postId: string;
    }
  /** The source bought something, or there is news of a product that it sells or is. */
  | { readonly kind: 'STORY'; readonly key: string; readonly place: string; readonly sourceId: string };

export const repostKey = (repostId: string, userId: string, postId: string): string => `${repostId}R${userId}${postId}`;

export const storyKey = (storyId: string, sourceId: string): string => `${storyId}S${sourceId}`;

const ULID = '[0-7][0-9A-HJKMNP-TV-Z]{25}';
const ENTRY = new RegExp(`^${ULID}(R${ULID}${ULID}|S${ULID})?$`);

/** Whether a stranger's word may be the key of an entry. */
export const isEntry = (key: string): boolean => ENTRY.test(key);

/** The time-ordered id that an entry stands at. */
export const placeOf = (key: string): string => key.slice(0, PLACE);

export const entryOf = (key: string): Entry => {
  const place = placeOf(key);
  const sourceId = key.slice(PLACE + 1, 2 * PLACE + 1);
  switch (key[PLACE]) {
    case 'R':
      return { kind: 'REPOST', key, place, sourceId, postId: key.slice(2 * PLACE + 1) };
    case 'S':
      return { kind: 'STORY', key, place, sourceId };
    default:
      return { kind: 'POST', key, place, postId: place };
  }
};
