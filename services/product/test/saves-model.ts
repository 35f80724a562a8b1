import { isDeepStrictEqual } from 'node:util';

/** One call about one product. Equal request ids are repetitions of one call. */
export type SaveStep =
  | { readonly kind: 'save' | 'unsave'; readonly userId: string; readonly at: number; readonly requestId: string }
  | { readonly kind: 'delete' | 'undelete'; readonly at: number; readonly requestId: string };

/** What was answered: when the product was saved, nothing, or a reason. */
export type SaveAnswer = number | string | undefined;

/** A call as its caller saw it: when it began, when it was answered, and with what. */
export interface SeenCall {
  readonly step: SaveStep;
  readonly begin: number;
  readonly end: number;
  readonly answer: SaveAnswer;
}

export interface SavesWorld {
  readonly deleted: boolean;
  /** Who saved it, and when. */
  readonly saved: Readonly<Record<string, number>>;
  readonly events: { readonly ProductSaved: number; readonly ProductUnsaved: number };
  /** Of applied requests. */
  readonly answers: Readonly<Record<string, { readonly answer: SaveAnswer }>>;
}

/**
 * Worlds in which calls can end that give every caller the answer that was seen, if they are made one after another, none before a
 * call that was answered before it began. Only changes of the product do not mind the order of unsaves, and of saves that were
 * sent twice, one of which is answered by the other: else a save that looks at the product, and then waits for somebody to unsave
 * it, would have to happen at both moments.
 */
export const explain = (history: readonly SeenCall[], start: SavesWorld): SavesWorld[] => {
  const tried = new Set<string>();
  const minds = ({ kind, requestId }: SaveStep): boolean =>
    kind === 'save' && history.filter(({ step }) => step.requestId === requestId).length === 1;
  const mind = (a: SaveStep, b: SaveStep): boolean => 'userId' in a === 'userId' in b || minds(a) || minds(b);
  const ends: SavesWorld[] = [];
  const search = (rest: readonly SeenCall[], world: SavesWorld): void => {
    const place = JSON.stringify([rest.map((seen) => history.indexOf(seen)), world]);
    if (tried.has(place)) return;
    tried.add(place);
    if (rest.length === 0) ends.push(world);
    for (const next of rest) {
      if (rest.some((other) => other.end < next.begin && mind(other.step, next.step))) continue;
      const played = play(world, next.step);
      if (isDeepStrictEqual(played.answer, next.answer))
        search(
          rest.filter((other) => other !== next),
          played.world,
        );
    }
  };
  search(history, start);
  return ends;
};

const REFUSED = /^[A-Z_]+$/;

const play = (world: SavesWorld, step: SaveStep): { answer: SaveAnswer; world: SavesWorld } => {
  const earlier = world.answers[step.requestId];
  if (earlier) return { answer: earlier.answer, world };
  const { answer, change = {} } = decide(world, step);
  // A refusal is decided anew.
  if (typeof answer === 'string' && REFUSED.test(answer)) return { answer, world };
  return { answer, world: { ...world, ...change, answers: { ...world.answers, [step.requestId]: { answer } } } };
};

const decide = (world: SavesWorld, step: SaveStep): { answer: SaveAnswer; change?: Partial<SavesWorld> } => {
  const { deleted, saved, events } = world;
  switch (step.kind) {
    case 'delete':
      return deleted ? { answer: 'PRODUCT_NOT_FOUND' } : { answer: undefined, change: { deleted: true } };
    case 'undelete':
      return deleted ? { answer: undefined, change: { deleted: false } } : { answer: 'PRODUCT_NOT_DELETED' };
    case 'save': {
      if (deleted) return { answer: 'PRODUCT_NOT_FOUND' };
      const before = saved[step.userId];
      if (before !== undefined) return { answer: before };
      const change = {
        saved: { ...saved, [step.userId]: step.at },
        events: { ...events, ProductSaved: events.ProductSaved + 1 },
      };
      return { answer: step.at, change };
    }
    case 'unsave': {
      const { [step.userId]: before, ...others } = saved;
      if (before === undefined) return { answer: undefined };
      return { answer: undefined, change: { saved: others, events: { ...events, ProductUnsaved: events.ProductUnsaved + 1 } } };
    }
  }
};
