import type { Deps, GraphHandlers } from './index.ts';

export const streamFollowers = ({ edges }: Deps): GraphHandlers['streamFollowers'] =>
  async function* (ctx, { authorId, after }) {
    for await (const followerIds of edges.eachFollower(ctx, authorId, after === '' ? undefined : after)) yield { followerIds };
  };
