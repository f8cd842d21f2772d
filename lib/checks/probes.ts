import { readFileSync } from 'node:fs'
import type { Lab, Task } from '#lib/labs/schema.ts'
import { fillVars } from '#lib/labs/template.ts'
import type { VarValues } from '#lib/labs/vars.ts'
import { PROFILES } from '#lib/sandbox/machine-profiles.ts'
import { INGRESS } from '#lib/sandbox/names.ts'

/**
 * What the platform itself asks of a machine or a Service: bash in the examiner, with parameters in the environment. There
 * a connection that fails is something seen, and `not-yet`; whatever else goes wrong ends the script without a verdict.
 */
const script = (name: string): string => readFileSync(new URL(`./probes/${name}.sh`, import.meta.url), 'utf8')
const SCRIPTS = { http: script('http'), tcp: script('tcp'), dns: script('dns') }
export const ADDRESS_SCRIPT = script('address')
const LOAD_SCRIPT = script('load')

/** A script for the examiner of a machine. */
export type ExaminerScript = { machine: string; script: string; env: Record<string, string> }

type Context = {
  lab: Lab
  vars: VarValues
  learnerNamespace: string
  sysNamespace: string
  /** A machine's addresses in the pod network, with commas between. */
  addressOf: (machine: string) => Promise<string>
}

/** A Service can be asked from machines that reach the learner's namespace. */
const asksServices = ({ machines }: Lab): string =>
  (machines.find(({ profile }) => PROFILES[profile].kubernetes) ?? machines[0])?.name ?? ''

type Place = {
  service?: string | undefined
  machine?: string | undefined
  ingress?: string | undefined
  from?: string | undefined
}

/** Who asks, and whom. */
async function placeOf({ service, machine, ingress, from }: Place, context: Context) {
  const { lab, vars, learnerNamespace, sysNamespace, addressOf } = context
  if (ingress !== undefined) {
    const host = fillVars(ingress, vars)
    const env = { P_HOST: host, P_NAME: `the ingress for ${host}`, P_WHAT: 'ingress', P_ADDRESSES: '' }
    return { machine: from ?? asksServices(lab), env: { ...env, P_DOOR: `${INGRESS}.${sysNamespace}.svc` } }
  }
  if (service !== undefined) {
    const env = { P_HOST: `${service}.${learnerNamespace}.svc`, P_NAME: service, P_WHAT: `Service ${service}` }
    return { machine: from ?? asksServices(lab), env: { ...env, P_ADDRESSES: '' } }
  }
  const name = machine ?? lab.machines[0]?.name ?? ''
  // In its own network: what listens on loopback alone is there, too.
  const P_ADDRESSES = ['127.0.0.1', '[::1]', await addressOf(name)].filter((one) => one !== '').join(',')
  return { machine: name, env: { P_HOST: name, P_NAME: name, P_WHAT: `machine ${name}`, P_ADDRESSES } }
}

/** What an `http`, `tcp` or `dns` check asks; null for any other. */
export async function probeOf({ check }: Task, context: Context): Promise<ExaminerScript | null> {
  const filled = (text: string | number) => fillVars(String(text), context.vars)
  const { http, tcp, dns } = check
  if (http) {
    const { machine, env } = await placeOf(http, context)
    const [kind = '', text = ''] = Object.entries(http.body ?? {}).find(([, value]) => value !== undefined) ?? []
    const headers = Object.entries(http.header ?? {}).map(([name, value]) => `${name}: ${filled(value)}`)
    const asked = {
      P_PORT: filled(http.port),
      P_PATH: filled(http.path).replaceAll(' ', '%20'),
      P_STATUS: String(http.status),
      P_HEADERS: headers.join('\n'),
      P_BODY_KIND: kind,
      P_BODY: filled(text),
    }
    return { machine, script: SCRIPTS.http, env: { ...env, ...asked } }
  }
  if (tcp) {
    const { machine, env } = await placeOf(tcp, context)
    return { machine, script: SCRIPTS.tcp, env: { ...env, P_PORT: filled(tcp.port), P_OPEN: String(tcp.open) } }
  }
  if (!dns) return null
  const env = {
    P_LOOKUP: filled(dns.name),
    P_TYPE: dns.type,
    P_INCLUDES: (dns.includes ?? []).map(filled).join('\n'),
    P_COUNT: dns.count === undefined ? '' : String(dns.count),
  }
  return { machine: dns.from ?? asksServices(context.lab), script: SCRIPTS.dns, env }
}

type Load = NonNullable<Lab['load']>[number]

/** Starts a load where it does not run, and judges its last requests, or only tells them. */
export function loadScript(
  load: Load,
  { lab, vars }: Pick<Context, 'lab' | 'vars'>,
  { atLeast, failed }: { atLeast: number; failed: number } = { atLeast: 0, failed: 0 },
): ExaminerScript {
  const env = {
    P_SOCKET: `/tmp/load-${load.id}.sock`,
    P_URL: fillVars(load.url, vars).replaceAll(' ', '%20'),
    P_RATE: String(Number.parseInt(load.rate, 10)),
    P_LAST: String(atLeast),
    P_FAILED: String(failed),
  }
  return { machine: load.on ?? asksServices(lab), script: LOAD_SCRIPT, env }
}
