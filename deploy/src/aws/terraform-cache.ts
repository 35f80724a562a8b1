import { REDIS_USERS } from '../redis-users.ts';
import { CACHE } from './cache-settings.ts';

const TAGS = { application: 'plaza', environment: '${var.environment}' };

const user = (name: string, rules: string) => ({
  user_id: `plaza-\${var.environment}-${name}`,
  user_name: name,
  engine: CACHE.engine,
  access_string: `on ${rules}`,
  authentication_mode: [
    { type: 'password', passwords: [`\${data.aws_secretsmanager_secret_version.redis-${name}.secret_string}`] },
  ],
  tags: TAGS,
});

export const terraformCache = () => ({
  data: {
    aws_secretsmanager_secret_version: Object.fromEntries(
      Object.keys(REDIS_USERS).map((name) => [`redis-${name}`, { secret_id: `\${var.redis_secret_prefix}${name}` }]),
    ),
  },
  resource: {
    aws_elasticache_subnet_group: {
      cache: { name: 'plaza-${var.environment}', subnet_ids: '${var.cache_subnet_ids}', tags: TAGS },
    },
    aws_elasticache_parameter_group: {
      cache: {
        name: 'plaza-${var.environment}',
        family: CACHE.family,
        parameter: Object.entries(CACHE.parameters).map(([name, value]) => ({ name, value })),
        tags: TAGS,
      },
    },
    aws_elasticache_user: Object.fromEntries(Object.entries(REDIS_USERS).map(([name, rules]) => [name, user(name, rules)])),
    aws_elasticache_user_group: {
      cache: {
        user_group_id: 'plaza-${var.environment}',
        engine: CACHE.engine,
        user_ids: Object.keys(REDIS_USERS).map((name) => `\${aws_elasticache_user.${name}.user_id}`),
        tags: TAGS,
      },
    },
    aws_elasticache_replication_group: {
      cache: {
        replication_group_id: 'plaza-${var.environment}',
        description: 'Plaza',
        engine: CACHE.engine,
        engine_version: CACHE.version,
        node_type: '${var.cache_node_type}',
        num_cache_clusters: CACHE.nodes,
        automatic_failover_enabled: true,
        multi_az_enabled: true,
        transit_encryption_enabled: true,
        transit_encryption_mode: 'required',
        at_rest_encryption_enabled: true,
        kms_key_id: '${var.kms_key_arn}',
        parameter_group_name: '${aws_elasticache_parameter_group.cache.name}',
        subnet_group_name: '${aws_elasticache_subnet_group.cache.name}',
        security_group_ids: '${var.cache_security_group_ids}',
        user_group_ids: ['${aws_elasticache_user_group.cache.user_group_id}'],
        snapshot_retention_limit: 0,
        tags: TAGS,
      },
    },
  },
});
