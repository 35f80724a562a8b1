export interface Index {
  /** Attribute that is the partition key of the index; a row without it or without `sk` is not in the index. */
  readonly pk: string;
  readonly sk: string;
  readonly project: 'ALL' | 'KEYS_ONLY';
}

/** A table, declared once. Its key is pk, sk; its TTL attribute is `expiresAt` (epoch seconds); all key attributes are strings. */
export interface Table {
  readonly name: string;
  readonly indexes: Readonly<Record<string, Index>>;
  /** Made anew from other tables whenever it is lost: no backup, no stream, no copy in another region. */
  readonly derived: boolean;
}

export const TTL_ATTRIBUTE = 'expiresAt';

/** `project` is ALL unless said otherwise. Index keys are strings too: pad numbers. */
export const defineTable = (table: {
  name: string;
  indexes?: Record<string, { pk: string; sk: string; project?: 'ALL' | 'KEYS_ONLY' }>;
  derived?: boolean;
}): Table => ({
  name: table.name,
  derived: table.derived ?? false,
  indexes: Object.fromEntries(
    Object.entries(table.indexes ?? {}).map(([name, index]) => [name, { project: 'ALL' as const, ...index }]),
  ),
});

export const indexOf = (table: Table, name: string): Index => {
  const index = table.indexes[name];
  if (!index) throw new Error(`table ${table.name} has no index ${name}`);
  return index;
};

/** Attributes that place a row in the table, or in one of its indexes. */
export const keyAttributes = (table: Table, index: string | undefined): string[] => {
  const own = index === undefined ? [] : [indexOf(table, index).pk, indexOf(table, index).sk];
  return [...new Set([...own, 'pk', 'sk'])];
};

/** What DynamoDB knows a table as: its own name if it was restored under one, else the declared one behind the namespace. */
export interface Naming {
  /** Prefix of physical table names; empty for none. */
  readonly namespace: string;
  /** Declared name → physical one. */
  readonly tableNames?: Readonly<Record<string, string>> | undefined;
}

export const physicalName = ({ namespace, tableNames }: Naming, { name }: Pick<Table, 'name'>): string =>
  tableNames?.[name] ?? (namespace === '' ? name : `${namespace}-${name}`);
