import { json, type Files } from '../files.ts';
import { tablesOf } from '../topology.ts';
import { alarmsStack } from './alarms-stack.ts';
import { alarms } from './alarms.ts';
import { cacheStack } from './cache-stack.ts';
import { roles } from './permissions.ts';
import { policyDocument } from './policy.ts';
import { rolesStack } from './roles-stack.ts';
import { tablesStack } from './tables-stack.ts';
import { terraformAlarms } from './terraform-alarms.ts';
import { terraformCache } from './terraform-cache.ts';
import { terraformRoles } from './terraform-roles.ts';
import { terraformScaling, terraformTables } from './terraform-tables.ts';
import { terraformModule } from './terraform.ts';

const below = (folder: string, contents: Readonly<Record<string, unknown>>): Files =>
  Object.fromEntries(Object.entries(contents).map(([name, content]) => [`aws/derived/${folder}/${name}`, json(content)]));

export const awsFiles = (): Files => {
  const tables = tablesOf();
  const everybody = roles();
  return {
    // One a line, for the shell.
    'aws/derived/tables.txt': tables.map(({ name, derived }) => `${name} ${derived ? 'derived' : 'truth'}\n`).join(''),
    ...below('cloudformation', {
      'tables.json': tablesStack(
        'Plaza: the tables of truth.',
        tables.filter(({ derived }) => !derived),
      ),
      'derived-tables.json': tablesStack(
        'Plaza: the tables that are made anew when lost. One stack in each region.',
        tables.filter(({ derived }) => derived),
      ),
      'roles.json': rolesStack(everybody),
      'cache.json': cacheStack(),
      'alarms.json': alarmsStack(alarms()),
    }),
    ...below('terraform', {
      'module.tf.json': terraformModule(tables, everybody),
      'tables.tf.json': terraformTables(tables),
      'scaling.tf.json': terraformScaling(tables),
      'roles.tf.json': terraformRoles(everybody),
      'cache.tf.json': terraformCache(),
      'alarms.tf.json': terraformAlarms(alarms()),
    }),
    ...below('iam', Object.fromEntries(everybody.map((role) => [`${role.name}.json`, policyDocument(role)]))),
  };
};
