import { type Finding, no, unknown, yes } from '#lib/capabilities/report.ts'
import { type ProbeSite, until } from '#lib/k8s/probe-site.ts'
import type { Manifest } from '#lib/sandbox/cluster-port.ts'
import type { ExecPort } from '#lib/terminal/exec-port.ts'

/** The policy lets one port of the server through, and not the other. */
const OPEN = 8081
const SHUT = 8080
/** Busybox on anybody's cluster; our own images have socat. */
const SERVE = `if command -v socat > /dev/null; then
  socat TCP-LISTEN:${SHUT},fork,reuseaddr SYSTEM:true & exec socat TCP-LISTEN:${OPEN},fork,reuseaddr SYSTEM:true
else httpd -p ${SHUT} -h /tmp; exec httpd -f -p ${OPEN} -h /tmp; fi`
const STAY = 'exec sleep 120'
const CONTROL_LIMIT_MS = 10_000
/** Engines take a moment to see a policy. */
const POLICY_LIMIT_MS = 10_000

const policy = (name: string, app: string, rules: Record<string, unknown>): Manifest => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name },
  spec: { podSelector: { matchLabels: { app } }, ...rules },
})

const POLICIES = [
  policy('into-server', 'server', {
    policyTypes: ['Ingress'],
    ingress: [{ ports: [{ protocol: 'TCP', port: OPEN }] }],
  }),
  policy('out-of-caged', 'caged', { policyTypes: ['Egress'], egress: [] }),
]

export type NetworkFindings = Record<'network-policy' | 'exec' | 'exec-v5', Finding>

/**
 * By packets: two pods reach both ports of a third; then one port is shut to everybody, and one pod let out no more. What
 * stays open all the while is the control. Pods are spoken to by exec, which is thereby probed, too.
 */
export async function probeNetwork(site: ProbeSite, v5: ExecPort): Promise<NetworkFindings> {
  const [server, caged, free] = await Promise.all([
    site.start('server', SERVE),
    site.start('caged', STAY),
    site.start('free', STAY),
  ])
  if (!('ip' in server) || !('ip' in caged) || !('ip' in free)) {
    const why = [server, caged, free].flatMap((pod) => ('why' in pod ? [pod.why] : [])).join('; ')
    const none = unknown(`the pods do not run: ${why.slice(0, 200)}`)
    return { 'network-policy': none, exec: none, 'exec-v5': none }
  }
  const reaches = async (from: string, port: number) =>
    (await site.exec(from, `nc -w 2 ${server.ip} ${port} < /dev/null > /dev/null 2>&1`)) === 0
  try {
    const code = await site.exec('free', 'exit 7')
    if (code !== 7) throw new Error(`a command that ends with 7 is said to have ended with ${code}`)
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    return { 'network-policy': unknown('no exec'), exec: no(detail.slice(0, 200)), 'exec-v5': unknown('no exec') }
  }
  const newest = await site.exec('free', 'exit 7', v5).then(
    () => yes(''),
    () => no('the server speaks v4'),
  )
  return {
    'network-policy': await enforced(site, reaches),
    exec: yes('commands run, exit codes arrive'),
    'exec-v5': newest,
  }
}

async function enforced(site: ProbeSite, reaches: (from: string, port: number) => Promise<boolean>): Promise<Finding> {
  const all = async (...tries: [from: string, port: number][]) =>
    (await Promise.all(tries.map((each) => reaches(...each)))).every(Boolean)
  const everything = () => all(['free', OPEN], ['free', SHUT], ['caged', OPEN])
  if (!(await until(everything, CONTROL_LIMIT_MS)))
    return unknown('pods do not reach one another, even without a policy')
  await Promise.all(POLICIES.map((each) => site.create(each)))
  const open = { ingress: true, egress: true }
  await until(async () => {
    const [ingress, egress] = await Promise.all([reaches('free', SHUT), reaches('caged', OPEN)])
    Object.assign(open, { ingress, egress })
    return !ingress && !egress
  }, POLICY_LIMIT_MS)
  const through = Object.entries(open).flatMap(([direction, passes]) => (passes ? [direction] : []))
  if (through.length > 0) return no(`not enforced: packets pass a policy (${through.join(' and ')})`)
  if (await reaches('free', OPEN)) return yes('packets stop in both directions')
  return unknown('packets stop, but those that a policy lets through stop, too')
}
