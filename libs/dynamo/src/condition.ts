import type { Value } from './item.ts';

export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>=';

/** What must be true of the stored row for a write to happen; attributes are top-level. Data, so that both engines can judge it. */
export type Condition =
  | { readonly kind: 'exists' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'has' | 'lacks'; readonly attr: string }
  | { readonly kind: 'compare'; readonly attr: string; readonly is: Comparison; readonly value: Value }
  | { readonly kind: 'all' | 'any'; readonly of: readonly Condition[] };

const compare =
  (is: Comparison) =>
  (attr: string, value: Value): Condition => ({ kind: 'compare', attr, is, value });

/** The row exists. */
export const exists = (): Condition => ({ kind: 'exists' });
/** The row does not exist. */
export const absent = (): Condition => ({ kind: 'absent' });
/** The row has the attribute. */
export const has = (attr: string): Condition => ({ kind: 'has', attr });
/** The row lacks the attribute, or does not exist. */
export const lacks = (attr: string): Condition => ({ kind: 'lacks', attr });
/** Comparisons are false on a missing attribute and between types, except `ne`, which is then true. */
export const eq = compare('=');
export const ne = compare('<>');
export const lt = compare('<');
export const lte = compare('<=');
export const gt = compare('>');
export const gte = compare('>=');
export const all = (...of: readonly Condition[]): Condition => ({ kind: 'all', of });
export const any = (...of: readonly Condition[]): Condition => ({ kind: 'any', of });
