import { maySee, type Verdict } from '../visible.ts';
import { isDeleted, type Post, type Tombstone } from './post.ts';

export interface Sale {
  readonly productId: string;
  readonly units: number;
}

/** What a post sold. */
export interface PostSales {
  readonly orders: number;
  readonly units: number;
  readonly products: readonly (Sale & { readonly orders: number })[];
}

/** What an order is to the post that it names. */
export type Attribution =
  | { readonly outcome: 'no_post' | 'deleted' | 'own' | 'not_shown' | 'not_visible' }
  | { readonly outcome: 'counted'; readonly sales: readonly Sale[] };

/** The buyer's client may name any post: it sold what it shows, to others than its author, who may see it. */
export const attributionOf = (
  post: Post | Tombstone | undefined,
  buyerId: string,
  bought: readonly Sale[],
  verdict: Verdict | undefined,
): Attribution => {
  if (post === undefined) return { outcome: 'no_post' };
  if (isDeleted(post)) return { outcome: 'deleted' };
  if (post.authorId === buyerId) return { outcome: 'own' };
  const sales = shownOf(post, bought);
  if (sales.length === 0) return { outcome: 'not_shown' };
  return maySee(post, buyerId, verdict) ? { outcome: 'counted', sales } : { outcome: 'not_visible' };
};

/** A product once, in however many lines it was bought. */
const shownOf = ({ productIds }: Post, bought: readonly Sale[]): Sale[] =>
  productIds.flatMap((productId) => {
    const units = bought.reduce((sum, line) => sum + (line.productId === productId ? line.units : 0), 0);
    return units > 0 ? [{ productId, units }] : [];
  });
