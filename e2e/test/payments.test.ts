import { newId } from '@plaza/core';
import { testContext } from '@plaza/testing';

import { walletPayments } from '../../services/order/src/payments/wallet.ts';
import { describePayments } from '../../services/order/test/payment-contract.ts';
import { startWorld } from '../src/world.ts';

const cents = (minor: number) => ({
  currencyCode: 'EUR',
  units: BigInt(Math.trunc(minor / 100)),
  nanos: (minor % 100) * 10_000_000,
});

// The port as the order service uses it, over the real user service in a process of its own.
describePayments('the user service', async () => {
  const world = await startWorld({ services: ['user'] });
  const { wallets } = world.plaza.clients;
  const give = async (userId: string, minor: number) => {
    if (minor > 0)
      await wallets.creditWallet(world.plaza.asAdmin(), { userId, amount: cents(minor), reason: 'test', requestId: newId() });
  };
  return {
    payments: walletPayments(wallets),
    ctx: () => testContext({ caller: { kind: 'service', service: 'order' }, timeoutMs: 10_000 }),
    give,
    person: async (minor) => {
      const userId = await world.person();
      await give(userId, minor);
      return userId;
    },
    spendable: async (userId) => Number((await world.wallet(userId)).available),
    close: () => world.close(),
  };
});
