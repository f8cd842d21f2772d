import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Platform } from '#bench/platform.ts'
import { run, spawnBound, stopChild } from '#scripts/child.ts'
import { freePort } from '#scripts/free-port.ts'
import { BIN, DATA, LOGS, ROOT } from '#scripts/paths.ts'
import { loadSecrets } from '#scripts/secrets.ts'

/** Offered to a server that has one core, in blocks; so many may be under way at once. */
const OFFERED_PER_SECOND = 200
const BLOCK_S = 5
const MAX_IN_FLIGHT = 64
const WARM_UP_REQUESTS = 200
const READY_TIMEOUT_MS = 60_000
const CORE = '0'

/** Answers in each second of each block, and the time that each answer took. */
export type Rate = { perSecond: number; times: number[] }
type Server = { url: string; stop: () => Promise<void> }

const BARE = join(DATA, 'bench-bare-page')
const BARE_FILES = {
  'package.json': JSON.stringify({ private: true, type: 'module' }),
  'app/layout.jsx':
    'export default ({ children }) => <html lang="en"><head><title>Bare</title></head><body>{children}</body></html>',
  // Made for each request, as our pages are.
  'app/page.jsx':
    "import { connection } from 'next/server'\nexport default async () => { await connection(); return <p>Bare</p> }",
}

/**
 * Offers 200 requests a second to a page of ours and to a bare one, made by the same Next with the same settings, each in
 * a web server of its own on the first core, in blocks of A B B A: 30 s each with three rounds.
 */
export async function compareRates(ctx: Platform, path: string, rounds: number): Promise<{ ours: Rate; bare: Rate }> {
  await buildBarePage()
  const servers = [await serve(ctx, ROOT), await serve(ctx, BARE)]
  const [ours, bare] = servers
  try {
    if (!ours || !bare) throw new Error('no servers')
    const arms = { ours: ours.url + path, bare: `${bare.url}/` }
    const rates = { ours: { perSecond: 0, times: [] as number[] }, bare: { perSecond: 0, times: [] as number[] } }
    for (const arm of ['ours', 'bare'] as const) await warmUp(arms[arm], ctx.cookie)
    for (let round = 0; round < rounds; round++)
      for (const arm of ['ours', 'bare', 'bare', 'ours'] as const) {
        const times = await offer(arms[arm], ctx.cookie)
        rates[arm].times.push(...times)
        rates[arm].perSecond += times.length / BLOCK_S / (2 * rounds)
      }
    return rates
  } finally {
    await Promise.all(servers.map(({ stop }) => stop()))
  }
}

async function buildBarePage(): Promise<void> {
  rmSync(BARE, { recursive: true, force: true })
  mkdirSync(join(BARE, 'app'), { recursive: true })
  for (const [name, text] of Object.entries(BARE_FILES)) writeFileSync(join(BARE, name), text)
  cpSync(join(ROOT, 'next.config.mjs'), join(BARE, 'next.config.mjs'))
  await run(join(BIN, 'next'), ['build'], {
    cwd: BARE,
    env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
  })
}

/** Our own server, playing web alone, for the built pages in `folder`; on the running platform's database. */
async function serve({ baseUrl, databaseUrl, kubeconfig, cookie }: Platform, folder: string): Promise<Server> {
  const port = await freePort()
  const child = spawnBound('taskset', ['--cpu-list', CORE, process.execPath, join(ROOT, 'server/main.ts')], {
    cwd: folder,
    log: join(LOGS, 'bench-page.log'),
    env: {
      ...process.env,
      NODE_ENV: 'production',
      ROLES: 'web',
      PORT: `${port}`,
      NEXTAUTH_URL: baseUrl,
      NEXTAUTH_SECRET: loadSecrets(DATA).nextAuthSecret,
      DATABASE_URL: databaseUrl,
      KUBECONFIG: kubeconfig,
    },
  })
  const url = `http://127.0.0.1:${port}`
  const stop = () => stopChild(child, 'SIGTERM', 5000)
  const deadline = performance.now() + READY_TIMEOUT_MS
  while ((await request(url, cookie, agentOf(1))) !== 200) {
    if (performance.now() > deadline || child.exitCode !== null) {
      await stop()
      throw new Error(`the server of ${folder} does not answer`)
    }
    await sleep(200)
  }
  return { url, stop }
}

const agentOf = (maxSockets: number) => new Agent({ keepAlive: true, maxSockets })

async function warmUp(url: string, cookie: string): Promise<void> {
  const agent = agentOf(4)
  const requests = Array.from({ length: WARM_UP_REQUESTS }, () => request(url, cookie, agent))
  const statuses = await Promise.all(requests)
  agent.destroy()
  const failed = statuses.find((status) => status !== 200)
  if (failed !== undefined) throw new Error(`${url}: ${failed}`)
}

/** Asks at even intervals, but while too many are under way. Resolves with the time of each answer within the block. */
async function offer(url: string, cookie: string): Promise<number[]> {
  const agent = agentOf(MAX_IN_FLIGHT)
  const times: number[] = []
  const began = performance.now()
  const pending = new Set<Promise<void>>()
  for (let asked = 0; asked < OFFERED_PER_SECOND * BLOCK_S; asked++) {
    await sleep(Math.max(0, began + (asked * 1000) / OFFERED_PER_SECOND - performance.now()))
    if (pending.size >= MAX_IN_FLIGHT) continue
    const at = performance.now()
    const asking = request(url, cookie, agent)
      .then((status) => {
        if (status !== 200) throw new Error(`${url}: ${status}`)
        if (performance.now() - began <= BLOCK_S * 1000) times.push(performance.now() - at)
      })
      .finally(() => pending.delete(asking))
    pending.add(asking)
  }
  await Promise.all(pending)
  agent.destroy()
  return times
}

/** The status, once the whole answer is here; 0 when there is none. */
function request(url: string, cookie: string, agent: Agent): Promise<number> {
  return new Promise((resolve) => {
    get(url, { agent, headers: { cookie, 'accept-encoding': 'gzip' } }, (response) => {
      response.on('end', () => resolve(response.statusCode ?? 0))
      response.on('error', () => resolve(0))
      response.resume()
    }).on('error', () => resolve(0))
  })
}
