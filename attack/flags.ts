import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Attack } from '#attack/attack.ts'
import { once } from '#attack/once.ts'
import type { Range } from '#attack/range.ts'
import type { ProfileName } from '#lib/sandbox/machine-profiles.ts'

/** Where secrets lie that no sandbox may find. */
const PLACES = {
  host: 'a file of the host’s, outside of the node',
  node: 'a file of the node’s',
  solutions: 'beside the solutions',
  database: 'a row of the database',
  check: 'the script of a check, while it runs',
  'neighbour-file': 'a file of the neighbour’s',
  'neighbour-environment': 'an environment of the neighbour’s',
  'neighbour-secret': 'a Secret of the neighbour’s',
} as const
type PlaceName = keyof typeof PLACES
/** Ways in which the search must find what lies in its own sandbox: else its silence means nothing. */
const OWN = ['own-file', 'own-environment', 'own-endpoint'] as const

const name = (place: string, random: string) => `drydock-flag-${place}-${random}`
const flag = (place: string) => name(place, randomBytes(16).toString('hex'))
const FOUND = /drydock-flag-([a-z-]+)-([0-9a-f]{32})/g

/** The flags of one run; the search's script never holds one. */
type Planted = { flags: Record<PlaceName, string>; runCheck: (profile: ProfileName) => Promise<unknown> }

export type Hosts = {
  /** A folder of the platform's on the host. */
  dataFolder: string
  contentFolder: string
  /** Writes a row; resolves with what removes it. */
  plantRow: (flag: string) => Promise<() => Promise<unknown>>
}

/**
 * Everything a learner can read, for at most a minute: all files, processes' environments, arguments and open files, the
 * kernel's log, and what answers by HTTP at the addresses one can guess.
 */
const search = (urls: string[]) => `pattern='drydock-flag-[a-z-]*-[0-9a-f]\\{32\\}'
{
  env; mount; dmesg
  cat /proc/[0-9]*/{environ,cmdline} | tr '\\0' '\\n'
  for link in /proc/[0-9]*/{root,cwd}; do
    [ "$link" -ef / ] || timeout 5 grep -D skip -rsaohI --exclude-dir=proc --exclude-dir=sys --exclude-dir=dev "$pattern" "$link/" | head -50
  done
  timeout 5 grep -D skip -saoh "$pattern" /proc/[0-9]*/fd/* </dev/null
  timeout 40 grep -D skip -rsaoh --exclude-dir=proc --exclude-dir=sys --exclude-dir=dev --exclude='attack-*' "$pattern" /
  for url in ${urls.join(' ')}; do curl -sk -m 2 "$url"; done
  command -v kubectl >/dev/null && for kind in secrets configmaps pods; do timeout 10 kubectl get $kind -A -o yaml; timeout 10 kubectl get $kind -o yaml; done
} 2>/dev/null | grep -ao "$pattern" | sort -u; echo searched`

const OWN_PORT = 7790

/** What one search in a profile's sandbox finds, by place. */
async function found(range: Range, profile: ProfileName, planted: Planted): Promise<Set<string>> {
  const { box, ip } = await range.subject(profile)
  const neighbour = await range.neighbour()
  const [file, environment, endpoint] = OWN.map((own) => flag(own))
  await box.run(
    [
      `echo ${file} >/tmp/own-flag`,
      `OWN=${environment} sleep 300 </dev/null >/dev/null 2>&1 &`,
      `printf 'HTTP/1.0 200 OK\\r\\n\\r\\n${endpoint}\\n' >/tmp/attack-endpoint`,
      `socat TCP-LISTEN:${OWN_PORT},fork,reuseaddr SYSTEM:'cat /tmp/attack-endpoint' </dev/null >/dev/null 2>&1 &`,
      'sleep 0.3',
    ].join('\n'),
  )
  const urls = [
    `http://${ip}:${OWN_PORT}/`,
    `http://${neighbour.ip}:${OWN_PORT}/`,
    'http://10.96.0.1/',
    'https://10.96.0.1/',
  ]
  let searching = true
  const checks = (async () => {
    while (searching) await planted.runCheck(profile)
  })()
  const { output } = await box.run(search(urls), { timeoutMs: 120_000 }).finally(() => {
    searching = false
  })
  await checks
  if (!output.includes('searched')) throw new Error('the search did not end')
  // Only flags of this run count: what an author writes that looks like one is none.
  const known = new Set([file, environment, endpoint, ...Object.values(planted.flags)])
  return new Set([...output.matchAll(FOUND)].filter(([text]) => known.has(text)).map(([, place = '']) => place))
}

async function plant(range: Range, hosts: Hosts): Promise<Planted> {
  const flags = Object.fromEntries(Object.keys(PLACES).map((place) => [place, flag(place)])) as Record<
    PlaceName,
    string
  >
  const file = (folder: string, text: string) => {
    mkdirSync(folder, { recursive: true })
    const path = join(folder, `.attack-${text.slice(-8)}`)
    writeFileSync(path, `${text}\n`, { mode: 0o644 })
    range.defer(() => rmSync(path, { force: true }))
  }
  file(hosts.dataFolder, flags.host)
  file(hosts.contentFolder, flags.solutions)
  const [neighbour, node, { admin }] = await Promise.all([
    range.neighbour(),
    range.control('node', 'root'),
    range.askers(),
  ])
  const onNode = `/run/attack-${flags.node.slice(-8)}`
  await node.box.run(`nsenter -t 1 -m sh -c 'echo ${flags.node} >${onNode}'`)
  range.defer(() => node.box.run(`nsenter -t 1 -m rm -f ${onNode}`))
  await neighbour.box.run(
    `umask 0; echo ${flags['neighbour-file']} | tee /tmp/flag ~/flag; FLAG=${flags['neighbour-environment']} sleep 1800 </dev/null >/dev/null 2>&1 &`,
  )
  await neighbour.box.run(
    `printf 'HTTP/1.0 200 OK\\r\\n\\r\\n${flags['neighbour-file']}\\n' >/tmp/answer; socat TCP-LISTEN:${OWN_PORT},fork,reuseaddr SYSTEM:'cat /tmp/answer' </dev/null >/dev/null 2>&1 &`,
  )
  await admin('POST', `/api/v1/namespaces/${neighbour.learner}/secrets`, {
    body: { metadata: { name: 'flag' }, stringData: { flag: flags['neighbour-secret'] } },
  })
  range.defer(await hosts.plantRow(flags.database))
  const examiners = once(async (profile: ProfileName) => range.examiner(await range.subject(profile)))
  return {
    flags,
    runCheck: async (profile) => {
      const script = `# ${flags.check}\nsleep 1; not_yet later`
      await (await examiners(profile)).run({ script, env: { FLAG: flags.check }, args: [], timeoutMs: 5000 })
    },
  }
}

export function flagAttacks(hosts: Hosts): Attack[] {
  const planted = new WeakMap<Range, { found: (profile: ProfileName) => Promise<Set<string>> }>()
  const searchOf = (range: Range, profile: ProfileName) => {
    const known = planted.get(range) ?? prepare(range)
    planted.set(range, known)
    return known.found(profile)
  }
  const prepare = (range: Range) => {
    const made = once(() => plant(range, hosts))
    return { found: once(async (profile: ProfileName) => found(range, profile, await made('flags'))) }
  }
  return (Object.keys(PLACES) as PlaceName[]).map((place) => ({
    name: `read ${PLACES[place]}`,
    control: 'the same search finds flags in its own sandbox: file, environment, endpoint',
    attempt: async (range, profile) => {
      const worked = (await searchOf(range, profile)).has(place)
      return { worked, seen: worked ? 'the flag was read' : 'not found in all it can read' }
    },
    proof: async (range, profile) => {
      const all = await searchOf(range, profile)
      const missing = OWN.filter((own) => !all.has(own))
      return { worked: missing.length === 0, seen: missing.length ? `not found: ${missing.join(', ')}` : 'all found' }
    },
  }))
}
