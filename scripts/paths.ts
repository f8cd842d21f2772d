import { join, resolve } from 'node:path'

/** The checkout that this file belongs to, and where things lie in it. */
export const ROOT = resolve(import.meta.dirname, '..')
export const DATA = join(ROOT, '.data')
export const LOGS = join(DATA, 'logs')
export const BIN = join(ROOT, 'node_modules', '.bin')
export const CLUSTER_DATA = join(DATA, 'cluster')
export const IMAGES_FILE = join(DATA, 'images.json')
/** Where a running `npm start` is reached: pid, url, databaseUrl, kubeconfig. There while it runs. */
export const RUNNING_FILE = join(DATA, 'running.json')
