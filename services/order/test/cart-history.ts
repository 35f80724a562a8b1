/** What a caller does to one cart. */
export type Wanted =
  | { readonly kind: 'add' | 'set'; readonly productId: string; readonly quantity: number }
  | { readonly kind: 'remove'; readonly productId: string }
  | { readonly kind: 'clear' | 'order' };

export type Answer =
  | { readonly quantity: number }
  | { readonly orderId: string; readonly lines: Content }
  | { readonly refused: string }
  | Readonly<Record<string, never>>;

/** Units by product. */
export type Content = ReadonlyMap<string, number>;

export interface Done {
  readonly wanted: Wanted;
  readonly requestId: string;
  /** On one clock: what had ended before another began came first. */
  readonly began: number;
  readonly ended: number;
  readonly answer: Answer;
}

/** Whether the calls, one after the other in some order that time allows, give these answers and leave this. */
export const explains = (history: readonly Done[], left: Content): boolean => {
  const calls = distinct(history);
  return calls !== undefined && search(calls, new Map(), left);
};

/**
 * One request happens once, before its first answer; undefined if its answers differ. A refusal leaves nothing, so that each is a
 * call of its own.
 */
const distinct = (history: readonly Done[]): Done[] | undefined => {
  const applied = new Map<string, Done>();
  for (const done of history) {
    const first = applied.get(done.requestId);
    if ('refused' in done.answer) continue;
    if (first && !isSame(first.answer, done.answer)) return undefined;
    applied.set(done.requestId, {
      ...done,
      began: Math.min(done.began, first?.began ?? done.began),
      ended: Math.min(done.ended, first?.ended ?? done.ended),
    });
  }
  return [...applied.values(), ...history.filter(({ answer }) => 'refused' in answer)];
};

const search = (rest: readonly Done[], content: Content, left: Content): boolean => {
  if (rest.length === 0) return isEqual(content, left);
  return rest.some((done) => {
    const others = rest.filter((other) => other !== done);
    if (others.some(({ ended }) => ended < done.began)) return false;
    const next = after(content, done);
    return next !== undefined && search(others, next, left);
  });
};

/** The cart after a call; undefined when its answer is not that of this cart. */
const after = (content: Content, { wanted, answer }: Done): Content | undefined => {
  switch (wanted.kind) {
    case 'add': {
      const quantity = (content.get(wanted.productId) ?? 0) + wanted.quantity;
      return 'quantity' in answer && answer.quantity === quantity ? withUnits(content, wanted.productId, quantity) : undefined;
    }
    case 'set':
      if (!content.has(wanted.productId)) return refusedAs(answer, 'CART_ITEM_NOT_FOUND') ? content : undefined;
      return 'quantity' in answer ? withUnits(content, wanted.productId, wanted.quantity) : undefined;
    case 'remove':
      return new Map([...content].filter(([productId]) => productId !== wanted.productId));
    case 'clear':
      return new Map();
    case 'order':
      if (content.size === 0) return refusedAs(answer, 'EMPTY_ORDER') ? content : undefined;
      return 'lines' in answer && isEqual(answer.lines as Content, content) ? new Map() : undefined;
  }
};

const withUnits = (content: Content, productId: string, quantity: number): Content => new Map(content).set(productId, quantity);

const refusedAs = (answer: Answer, reason: string): boolean => 'refused' in answer && answer.refused === reason;

const isEqual = (a: Content, b: Content): boolean => a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);

const isSame = (a: Answer, b: Answer): boolean => JSON.stringify({ ...a, lines: 0 }) === JSON.stringify({ ...b, lines: 0 });
