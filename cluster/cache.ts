import { homedir } from 'node:os'
import { join } from 'node:path'

/** Drydock's folder in the user's cache (XDG Base Directory Specification). */
export function cacheDir(env: NodeJS.ProcessEnv = process.env): string {
  return join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'drydock')
}
