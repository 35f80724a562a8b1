import { unreachable } from '@plaza/core';

import type { Condition } from '../condition.ts';
import type { SortRange } from '../db.ts';
import type { Value } from '../item.ts';
import type { Changes } from '../write-op.ts';

/** Collects the placeholders of one command's expressions, so that no attribute name or value is ever part of the text. */
export const createExpressions = () => {
  const names = new Map<string, string>();
  const values: Record<string, Value> = {};

  const name = (attr: string): string => {
    const known = names.get(attr) ?? `#a${names.size}`;
    names.set(attr, known);
    return known;
  };
  const value = (of: Value): string => {
    const placeholder = `:v${Object.keys(values).length}`;
    values[placeholder] = of;
    return placeholder;
  };

  const condition = (of: Condition): string => {
    switch (of.kind) {
      case 'exists':
        return `attribute_exists(${name('pk')})`;
      case 'absent':
        return `attribute_not_exists(${name('pk')})`;
      case 'has':
        return `attribute_exists(${name(of.attr)})`;
      case 'lacks':
        return `attribute_not_exists(${name(of.attr)})`;
      case 'compare':
        return `${name(of.attr)} ${of.is} ${value(of.value)}`;
      case 'all':
      case 'any':
        return `(${of.of.map(condition).join(of.kind === 'all' ? ' AND ' : ' OR ')})`;
      default:
        return unreachable(of);
    }
  };

  const update = ({ set = {}, add = {}, remove = [], setOnce = {} }: Changes): string => {
    const sets = [
      ...Object.entries(set).flatMap(([attr, to]) => (to === undefined ? [] : `${name(attr)} = ${value(to)}`)),
      ...Object.entries(setOnce).map(([attr, to]) => `${name(attr)} = if_not_exists(${name(attr)}, ${value(to)})`),
    ];
    const adds = Object.entries(add).map(([attr, by]) => `${name(attr)} ${value(by)}`);
    return [clause('SET', sets), clause('REMOVE', remove.map(name)), clause('ADD', adds)].filter(Boolean).join(' ');
  };

  const range = (attr: string, of: SortRange): string => {
    if (of.beginsWith !== undefined) return `begins_with(${name(attr)}, ${value(of.beginsWith)})`;
    if (of.between !== undefined) return `${name(attr)} BETWEEN ${value(of.between[0])} AND ${value(of.between[1])}`;
    for (const [key, operator] of OPERATORS) {
      const bound = of[key];
      if (bound !== undefined) return `${name(attr)} ${operator} ${value(bound)}`;
    }
    throw new Error('an empty condition on the sort key');
  };

  /** What goes into the command beside the expressions; empty maps are refused by DynamoDB. */
  const attributes = () => ({
    ...(names.size > 0 && { ExpressionAttributeNames: Object.fromEntries([...names].map(([attr, short]) => [short, attr])) }),
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
  });

  return { name, value, condition, update, range, attributes };
};

const OPERATORS = [
  ['eq', '='],
  ['lt', '<'],
  ['lte', '<='],
  ['gt', '>'],
  ['gte', '>='],
] as const;

const clause = (word: string, parts: readonly string[]): string => (parts.length > 0 ? `${word} ${parts.join(', ')}` : '');
