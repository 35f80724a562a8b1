import { suggestionsOf } from '../domain/suggestion.ts';
import { judge, TIE } from '../domain/visibility.ts';
import type { Deps, GraphHandlers } from './index.ts';

const PAGE = 10;

export const suggestFollows =
  ({ suggestions, sight, now }: Deps): GraphHandlers['suggestFollows'] =>
  async (ctx, { userId, pageSize }) => {
    const candidates = await suggestions.candidates(ctx, userId);
    const friendIds = candidates.flatMap(({ by }) => by.map(({ friendId }) => friendId));
    // Who may be suggested now, and by whom, is never taken from what was found before.
    const view = await sight.look(ctx, userId, [...new Set([...candidates.map((candidate) => candidate.userId), ...friendIds])]);
    const isVisible = (id: string) => judge(view, id).sight === 'VISIBLE';
    const isStranger = (id: string) => id !== userId && (view.tie(id) & (TIE.FOLLOWS | TIE.REQUESTED)) === 0;
    const found = suggestionsOf(candidates, now(), { suggest: (id) => isStranger(id) && isVisible(id), name: isVisible });
    return {
      suggestions: found
        .slice(0, pageSize === 0 ? PAGE : pageSize)
        .map(({ followedBy, ...suggestion }) => ({ ...suggestion, followedBy: [...followedBy] })),
    };
  };
