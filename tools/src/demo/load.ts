import { readFileSync } from 'node:fs';

import { isAppError } from '@plaza/core';

import { checkDemo } from './check.ts';
import { planDemo, type DemoPlan } from './plan.ts';
import { allEnded, openState, type StateFile } from './state.ts';
import { loadOrders, loadPosts } from './stories.ts';
import type { DemoOptions, DemoSummary, LoadDemo } from './types.ts';
import { loadCredits, loadFollows, loadProducts, loadUsers } from './world.ts';

/** Everything a loading step needs. */
export interface Loading {
  readonly options: DemoOptions;
  readonly plan: DemoPlan;
  readonly file: StateFile;
}

/**
 * Loads the demo through the public RPCs, or goes on where an earlier run stopped. One seed, one demo: every call carries
 * a request_id derived from its place in the plan, so a call repeated after a crash changes nothing.
 */
export const loadDemo: LoadDemo = async (options) => {
  const plan = planDemo(readFileSync(options.graphFile, 'utf8'), options.random);
  const loading: Loading = { options, plan, file: openState(options.dataDir, options.namespace) };
  const { state } = loading.file;
  if (state.userIds.length > 0 && !(await standsStill(loading))) loading.file.reset();
  const resumed = state.complete;
  if (!resumed) {
    await loadUsers(loading);
    // Follows before posts: a post made first would have to be backfilled along every follow.
    await allEnded([loadFollows(loading), loadProducts(loading).then(() => loadCredits(loading))]);
    await allEnded([loadPosts(loading), loadOrders(loading)]);
    state.complete = true;
    loading.file.save();
  }
  return summaryOf(loading, resumed, await checkDemo(loading, resumed));
};

/** Whether the people of the state file live in these tables: the engines may be new ones. */
const standsStill = async ({ options, file }: Loading): Promise<boolean> => {
  try {
    await options.clients.users.getUser(options.adminContext(), { by: { $case: 'userId', value: file.state.userIds[0]! } });
    return true;
  } catch (error) {
    if (isAppError(error, 'USER_NOT_FOUND')) return false;
    throw error;
  }
};

const summaryOf = ({ plan, file }: Loading, resumed: boolean, problems: readonly string[]): DemoSummary => ({
  users: plan.people,
  shops: plan.users.length - plan.people,
  follows: plan.followCount,
  products: plan.products.length,
  posts: plan.posts.length,
  orders: plan.orders.length,
  resumed,
  reader: { userId: file.state.userIds[0]!, username: plan.users[0]!.username },
  problems,
});
