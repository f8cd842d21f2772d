import { compileCel, runCel } from '#lib/labs/cel.ts'
import { resourceOf } from '#lib/labs/check-rules.ts'
import type { Lab, LabDefinition, Task } from '#lib/labs/schema.ts'
import { drawVars } from '#lib/labs/vars.ts'

/** Whether a task passes in a sandbox that nobody has touched, as far as its files tell. */
type Luck = { passes: 'yes' | 'no'; why: string } | { passes: 'unknown' }

const UNKNOWN: Luck = { passes: 'unknown' }
const no = (why: string): Luck => ({ passes: 'no', why })
const yes = (why: string): Luck => ({ passes: 'yes', why })

/** What a new namespace holds none of; of other kinds the platform or the cluster may have made some. */
const LEARNERS_OWN = new Set([
  ...['pods', 'services', 'persistentvolumeclaims', 'deployments.apps', 'replicasets.apps', 'statefulsets.apps'],
  ...[
    'daemonsets.apps',
    'jobs.batch',
    'cronjobs.batch',
    'ingresses.networking.k8s.io',
    'endpointslices.discovery.k8s.io',
  ],
])

/** A task passes only when its needs do. What scripts and machines say is only seen in a sandbox (`lab test`). */
export function luckOf(task: Task, definition: LabDefinition): Luck {
  const own = ownLuck(task, definition)
  const needs = task.needs.flatMap((id) => definition.lab.tasks.find((each) => each.id === id) ?? [])
  const all = [own, ...needs.map((need) => luckOf(need, definition))]
  return all.find(({ passes }) => passes === 'no') ?? (all.every(({ passes }) => passes === 'yes') ? own : UNKNOWN)
}

function ownLuck(task: Task, { lab, scripts }: LabDefinition): Luck {
  const { run, kubernetes, http, tcp, dns } = task.check
  if (task.kind === 'answer') return no('nobody has answered')
  if (run !== undefined) {
    const says = (verb: string) => new RegExp(`^[^#]*\\b${verb}\\b`, 'm').test(scripts[run] ?? '')
    return says('not_yet') ? UNKNOWN : yes(`${run} never says not_yet`)
  }
  // What prepares the sandbox may make anything.
  if (lab.init) return UNKNOWN
  if (kubernetes?.get !== undefined) {
    return LEARNERS_OWN.has(resourceOf(kubernetes)) ? no(`there is no ${kubernetes.get}`) : UNKNOWN
  }
  if (kubernetes) return listLuck(kubernetes, lab)
  const there = http?.service ?? tcp?.service
  if (tcp && !tcp.open) return yes(`nothing listens on port ${tcp.port}`)
  if (http?.ingress !== undefined) {
    // Where no Ingress leads, the door itself answers, and over HTTPS with a certificate of its own.
    if (http.status !== 404 || http.port === 443) return no(`no Ingress names "${http.ingress}"`)
    return http.body ? UNKNOWN : yes(`no Ingress names "${http.ingress}"`)
  }
  if (there !== undefined) return no(`there is no Service "${there}"`)
  if (dns?.count === 0 && !dns.includes) return yes(`nothing is called "${dns.name}"`)
  return UNKNOWN
}

function listLuck(check: NonNullable<Task['check']['kubernetes']>, lab: Lab): Luck {
  const compiled = compileCel(check.cel, 'objects')
  if ('problem' in compiled || !LEARNERS_OWN.has(resourceOf(check))) return UNKNOWN
  try {
    const vars = drawVars(lab.vars, 'untouched')
    const passes = runCel(compiled.program, { objects: [], needs: {}, vars }) === true
    return passes ? yes(`it is true of no ${check.list} at all`) : no(`there are no ${check.list}`)
  } catch {
    return UNKNOWN
  }
}
