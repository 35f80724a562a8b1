import { defineCounter, defineGauge } from '@plaza/core';

export const sagaOverdue = defineGauge('order_saga_overdue_seconds', 'How long the longest waiting unfinished order is overdue');
export const ordersSettled = defineCounter('order_settled_total', 'Orders with nothing left to do', ['state']);
export const ordersStuck = defineCounter(
  'order_stuck_total',
  'Unfinished orders that want a human, by the step that they cannot take',
  ['step'],
);
export const sagaTroubles = defineCounter('order_saga_troubles_total', 'Steps that did not end as they should', [
  'step',
  'reason',
]);
export const purchasesDue = defineCounter(
  'order_purchases_due_total',
  'Purchases whose time to be shared came, by what became of them',
  ['end'],
);
