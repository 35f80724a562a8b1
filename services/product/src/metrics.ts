import { defineCounter, defineGauge } from '@plaza/core';

export const expiryOverdue = defineGauge('stock_expiry_overdue_seconds', 'How long the longest waiting reservation is overdue');
export const reservationsExpired = defineCounter('stock_reservations_expired_total', 'Reservations whose units were taken back');
export const stockMismatches = defineCounter('product_stock_mismatches_total', 'Recounts of a product that did not agree');
