import type { ProductClients, UserClients } from '@plaza/clients';
import { AppError, moneyOf } from '@plaza/core';

import type { Offer } from '../src/domain/new-order.ts';
import type { Wallets } from '../src/payments/wallet.ts';
import type { Ledger } from './ledger.ts';

/** Carries one call to a peer: it decides when, and whether at all, `effect` happens and its answer comes back. */
export type Wire = <T>(name: string, effect: () => T) => Promise<T>;

export interface Peers {
  readonly products: Pick<ProductClients['products'], 'batchGetProducts'>;
  readonly inventory: Pick<ProductClients['inventory'], 'reserveStock' | 'commitReservation' | 'releaseReservation'>;
  readonly wallets: Wallets & Pick<UserClients['wallets'], 'getWallet'>;
}

/** Clients of made-up peers over a ledger, typed as the real ones. */
export const createPeers = (ledger: Ledger, offers: readonly Offer[], wire: Wire): Peers => ({
  products: {
    batchGetProducts: (_ctx, { productIds = [] }) =>
      wire('BatchGetProducts', () => {
        const found = offers.filter(({ productId }) => productIds.includes(productId));
        const missingIds = productIds.filter((id) => !found.some(({ productId }) => productId === id));
        return { products: found.map((offer) => toProduct(offer, ledger.available.get(offer.productId))), missingIds };
      }),
  },
  inventory: {
    reserveStock: (_ctx, { orderId = '', lines = [] }) =>
      wire('ReserveStock', () => {
        ledger.reserve(
          orderId,
          lines.map(({ productId = '', quantity }) => ({ productId, quantity: Number(quantity) })),
        );
        return { expireTime: undefined };
      }),
    commitReservation: (_ctx, { orderId = '' }) => wire('CommitReservation', () => (ledger.commit(orderId), {})),
    releaseReservation: (_ctx, { orderId = '' }) => wire('ReleaseReservation', () => (ledger.release(orderId), {})),
  },
  wallets: {
    getWallet: (_ctx, { userId = '' }) =>
      wire('GetWallet', () => {
        const available = moneyOf({ currency: 'EUR', minor: ledger.balance.get(userId) ?? 0 });
        return { wallet: { userId, balance: available, available, held: moneyOf({ currency: 'EUR', minor: 0 }) } };
      }),
    placeHold: (_ctx, { orderId = '', userId = '', amount }) =>
      wire('PlaceHold', () => (ledger.hold(orderId, userId, minorOf(amount)), {})),
    captureHold: (_ctx, { orderId = '', payouts = [] }) =>
      wire('CaptureHold', () => {
        ledger.capture(orderId, payouts.map(share));
        return {};
      }),
    releaseHold: (_ctx, { orderId = '' }) => wire('ReleaseHold', () => (ledger.releaseHold(orderId), {})),
    refundHold: (_ctx, { orderId = '', refundId = '', parts = [] }) =>
      wire('RefundHold', () => (ledger.refund(orderId, refundId, parts.map(share)), {})),
  },
});

export const peerAway = (): AppError =>
  new AppError('UNAVAILABLE', 'PEER_UNAVAILABLE', 'the service did not answer', { domain: 'plaza' });

interface Cash {
  readonly units?: bigint | undefined;
  readonly nanos?: number | undefined;
}

const share = ({ userId = '', amount }: { userId?: string | undefined; amount?: Cash | undefined }) => ({
  userId,
  minor: minorOf(amount),
});

const minorOf = (amount: Cash | undefined): number => Number(amount?.units ?? 0n) * 100 + (amount?.nanos ?? 0) / 10_000_000;

export const toProduct = ({ productId, sellerId, name, price }: Offer, available = 0) => ({
  productId,
  sellerId,
  name,
  description: '',
  category: 'tea',
  price: moneyOf(price),
  available: BigInt(available),
  etag: '1',
  createTime: undefined,
  updateTime: undefined,
  deleteTime: undefined,
});
