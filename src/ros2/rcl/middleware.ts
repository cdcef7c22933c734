import { readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ConfigError } from '../../core/errors.js';

/** rmw implementations that the packages of these prefixes offer. */
function installedMiddlewares(prefixes: readonly string[]): string[] {
  const found = new Set<string>();
  for (const prefix of prefixes) {
    try {
      const index = join(prefix, 'share', 'ament_index', 'resource_index', 'rmw_typesupport');
      for (const name of readdirSync(index)) found.add(name);
    } catch {
      // A prefix without a middleware.
    }
  }
  // The switch between implementations stands in the same index.
  found.delete('rmw_implementation');
  return [...found].sort();
}

/**
 * Throws ConfigError where RMW_IMPLEMENTATION names a middleware that is not installed.
 *
 * rcl ends the process by itself then, while it is being loaded.
 */
export function refuseMissingMiddleware(env: NodeJS.ProcessEnv = process.env): void {
  const wanted = env.RMW_IMPLEMENTATION ?? '';
  const prefixes = (env.AMENT_PREFIX_PATH ?? '').split(delimiter).filter((prefix) => prefix !== '');
  const installed = installedMiddlewares(prefixes);
  if (wanted === '' || installed.length === 0 || installed.includes(wanted)) return;
  const debianPackage = `ros-${env.ROS_DISTRO ?? 'DISTRO'}-${wanted.replaceAll('_', '-')}`;
  throw new ConfigError(
    'middleware',
    `RMW_IMPLEMENTATION is ${wanted}, which is not installed in ${prefixes.join(', ')}; ` +
      `installed: ${installed.join(', ')}. Unset RMW_IMPLEMENTATION, or install it (${debianPackage})`,
    { wanted, installed, prefixes },
  );
}
