import type { Access, Table } from '@plaza/dynamo';

import { accessOf, tablesOf, TOPOLOGY, type ProcessName } from '../topology.ts';

/** One statement of a policy: actions without their service's prefix, on tables (`users`) and indexes (`users/index/byState`). */
export interface Permission {
  readonly sid: string;
  readonly actions: readonly string[];
  readonly on: readonly string[];
}

/** Somebody with a role of their own, and all that the role may do with DynamoDB. */
export interface Role {
  readonly name: ProcessName | JobName;
  readonly permissions: readonly Permission[];
  /** What it needs of the tables' key besides reading with it. */
  readonly makesTables?: boolean;
}

export type JobName = 'create-tables' | 'backup-export' | 'backup-import';

/** Every process may do what it has declared, and no more: libs/dynamo refuses it the rest, here as there. */
export const roles = (): readonly Role[] => [
  ...TOPOLOGY.map(({ name }) => ({ name, permissions: permissionsOf(accessOf(name)) })),
  ...jobs(tablesOf()),
];

const permissionsOf = (access: Access): Permission[] =>
  access.flatMap(({ table, actions, indexes }) => [
    { sid: sid(table), actions, on: [table.name] },
    ...(indexes.length === 0
      ? []
      : [{ sid: `${sid(table)}Indexes`, actions: ['Query'], on: indexes.map((index) => `${table.name}/index/${index}`) }]),
  ]);

const jobs = (tables: readonly Table[]): Role[] => {
  const truth = tables.filter(({ derived }) => !derived).map(({ name }) => name);
  return [
    {
      name: 'create-tables',
      makesTables: true,
      permissions: [
        {
          sid: 'Create',
          actions: ['CreateTable', 'DescribeTable', 'DescribeTimeToLive', 'UpdateTimeToLive'],
          on: tables.map(({ name }) => name),
        },
      ],
    },
    { name: 'backup-export', permissions: [{ sid: 'Read', actions: ['Scan'], on: truth }] },
    // It looks whether a table is empty, and counts what it has written.
    { name: 'backup-import', permissions: [{ sid: 'Write', actions: ['Scan', 'BatchWriteItem'], on: truth }] },
  ];
};

const sid = ({ name }: Table): string => name.replaceAll(/(^|_)(\w)/g, (_, __, first: string) => first.toUpperCase());
