import { requestIdOf, inParallel } from './state.ts';
import { chunks } from './plan.ts';
import type { Loading } from './load.ts';

/** The limit of the Batch RPCs. */
const BATCH = 25;

export const loadUsers = async ({ options, plan, file }: Loading): Promise<void> => {
  const bar = options.progress.bar('people and shops', plan.users.length);
  bar.tick(file.state.userIds.length);
  for (let start = file.state.userIds.length; start < plan.users.length; start += BATCH) {
    const users = plan.users.slice(start, start + BATCH).map((user, i) => ({
      ...user,
      email: `${user.username}@example.com`,
      requestId: requestIdOf('user', start + i),
    }));
    const { results } = await options.clients.users.batchCreateUsers(options.adminContext(30_000), { users });
    for (const { result } of results) {
      if (result?.$case !== 'user') throw new Error(`a person of the demo was refused: ${result?.value.message ?? 'no answer'}`);
      file.state.userIds.push(result.value.userId);
    }
    file.save();
    bar.tick(users.length);
  }
  bar.done();
};

export const loadProducts = async ({ options, plan, file }: Loading): Promise<void> => {
  const bar = options.progress.bar('products', plan.products.length);
  bar.tick(file.state.productIds.length);
  for (let start = file.state.productIds.length; start < plan.products.length; start += BATCH) {
    const products = plan.products.slice(start, start + BATCH).map((product, i) => ({
      sellerId: file.state.userIds[product.seller]!,
      name: product.name,
      description: `${product.name}, from the ${product.category} shelf.`,
      category: product.category,
      price: euros(product.cents),
      initialStock: BigInt(product.stock),
      requestId: requestIdOf('product', start + i),
    }));
    const { results } = await options.clients.products.batchCreateProducts(options.adminContext(30_000), { products });
    for (const { result } of results) {
      if (result?.$case !== 'product')
        throw new Error(`a product of the demo was refused: ${result?.value.message ?? 'no answer'}`);
      file.state.productIds.push(result.value.productId);
    }
    file.save();
    bar.tick(products.length);
  }
  bar.done();
};

export const loadCredits = async ({ options, plan, file }: Loading): Promise<void> => {
  const bar = options.progress.bar('wallets', plan.credits.length);
  bar.tick(file.state.credits);
  for (const slice of chunks(plan.credits.slice(file.state.credits), 50)) {
    const base = file.state.credits;
    await inParallel(slice, 4, async ({ user, units }, i) => {
      const amount = euros(units * 100);
      const requestId = requestIdOf('credit', base + i);
      await options.clients.wallets.creditWallet(options.adminContext(), {
        userId: file.state.userIds[user]!,
        amount,
        reason: 'demo',
        requestId,
      });
      bar.tick();
    });
    file.state.credits += slice.length;
    file.save();
  }
  bar.done();
};

/** Messages of one import stream; between streams the state is saved. */
const MESSAGES_A_STREAM = 100;

export const loadFollows = async ({ options, plan, file }: Loading): Promise<void> => {
  const bar = options.progress.bar('follows', plan.followCount);
  const countOf = (messages: typeof plan.follows) => messages.reduce((sum, message) => sum + message.followees.length, 0);
  bar.tick(countOf(plan.follows.slice(0, file.state.follows)));
  for (const slice of chunks(plan.follows.slice(file.state.follows), MESSAGES_A_STREAM)) {
    const messages = async function* () {
      for (const [i, { follower, followees }] of slice.entries()) {
        yield {
          index: BigInt(i),
          followerId: file.state.userIds[follower]!,
          followeeIds: followees.map((followee) => file.state.userIds[followee]!),
        };
      }
    };
    const { receipt } = await options.clients.graph.importFollows(options.adminContext(120_000), messages());
    const [refusal] = receipt?.refusals ?? [];
    if (refusal) throw new Error(`${receipt?.refused} follows of the demo were refused: ${refusal.reason}`);
    file.state.follows += slice.length;
    file.save();
    bar.tick(countOf(slice));
  }
  bar.done();
};

export const euros = (cents: number) => ({
  currencyCode: 'EUR',
  units: BigInt(Math.trunc(cents / 100)),
  nanos: (cents % 100) * 10_000_000,
});
