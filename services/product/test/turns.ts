import type { Item } from '@plaza/dynamo';
import { stockDepleted, stockRestocked } from '@plaza/events';

const KINDS = [
  ['DEPLETED', stockDepleted],
  ['RESTOCKED', stockRestocked],
] as const;

/** What the rows of an outbox tell of a product's turns, in the order of the versions of its stock. */
export const turnsOf = (rows: readonly Item[], productId: string): ('DEPLETED' | 'RESTOCKED')[] =>
  rows
    .flatMap(({ subject, payload }) =>
      KINDS.flatMap(([turn, event]) => (event.subject === subject ? [{ turn, event, payload }] : [])),
    )
    .flatMap(({ turn, event, payload }) => event.decode(payload as Uint8Array).turns.map((told) => ({ turn, ...told })))
    .filter((told) => told.productId === productId)
    .toSorted((a, b) => Number(a.stockVersion - b.stockVersion))
    .map(({ turn }) => turn);
