import { isListed, type Product } from './product.ts';
import { wordsOf, type Words } from './words.ts';

/** What search and the category counts know of a product. A type alias, not an interface: only aliases may be stored as table values. */
export type Projection = Words & {
  readonly productId: string;
  /** The version of the product that it was made of. */
  readonly source: number;
  /** Where it counts; empty: nowhere, because it is not listed. */
  readonly category: string;
  /** See popularityStep. */
  readonly step: number;
  /** Grows by one with every projection that changes something. */
  readonly version: number;
};

/** A word of a product, as it stands in the index. */
export interface Entry extends Words {
  readonly word: string;
  readonly inName: boolean;
  readonly step: number;
  readonly productId: string;
}

const MAX_STEP = 99;

/** Popularity by powers of the square root of two, so that a product moves in the index seldom. Points only ever grow. */
export const popularityStep = (points: number): number => Math.min(MAX_STEP, Math.floor(2 * Math.log2(1 + points)));

/**
 * What the projection must be now, or undefined if it is that already. A product that is not listed leaves nothing behind but the
 * version that says so: whoever read the product before that one cannot write any more.
 */
export const projectionOf = (product: Product, points: number, before: Projection | undefined): Projection | undefined => {
  const { productId, category } = product;
  const content = isListed(product)
    ? { ...wordsOf(product), category, step: popularityStep(points) }
    : { name: '', more: '', category: '', step: 0 };
  const after = { productId, source: product.version, ...content, version: (before?.version ?? 0) + 1 };
  return before !== undefined && sameSource(before, after) && sameEntries(before, after) ? undefined : after;
};

export const entriesOf = ({ productId, name, more, step }: Projection): Entry[] => {
  const entries = (words: string, inName: boolean): Entry[] =>
    words === '' ? [] : words.split(' ').map((word) => ({ word, inName, step, productId, name, more }));
  return [...entries(name, true), ...entries(more, false)];
};

export const sameEntries = (a: Projection, b: Projection): boolean => a.name === b.name && a.more === b.more && a.step === b.step;

const sameSource = (a: Projection, b: Projection): boolean => a.source === b.source && a.category === b.category;
