import { type Finding, no, unknown, yes } from '#lib/capabilities/report.ts'
import { messageOf, statusOf } from '#lib/k8s/api.ts'
import type { PodEnd, ProbeSite } from '#lib/k8s/probe-site.ts'

/** Where Kubernetes reads what a container has to say at its end. */
const SAY = '/dev/termination-log'

/** A pod that did not get as far as to say anything: whether that is an answer. */
function unanswered(end: Exclude<PodEnd, { kind: 'ended' }>): Finding {
  const why = end.why.replace(/\s+/g, ' ').slice(0, 200)
  if (end.kind === 'refused' || end.waitsFor === 'container') return no(why)
  return unknown(why)
}

/** Root of a pod with `hostUsers: false` is nobody on the node. Old kubelets ignore the field, so the pod is asked. */
export async function probeUserNamespaces(site: ProbeSite): Promise<Finding> {
  const end = await site.run('users', `cat /proc/self/uid_map > ${SAY}`, { spec: { hostUsers: false } })
  if (end.kind !== 'ended') return unanswered(end)
  const [inside, outside, length] = end.message.split(/\s+/).filter(Boolean)
  if (inside !== '0' || outside === undefined) return unknown(`/proc/self/uid_map says "${end.message}"`)
  return outside === '0' ? no('root of the pod is root of the node') : yes(`root is ${outside}, ${length} ids`)
}

/** With a user namespace, as machines have it: mounting an image there needs more of runtime and kernel. */
export async function probeImageVolumes(site: ProbeSite, image: string): Promise<Finding> {
  const end = await site.run('volumes', `ls /probe | head -1 > ${SAY}`, {
    spec: { hostUsers: false, volumes: [{ name: 'image', image: { reference: image, pullPolicy: 'IfNotPresent' } }] },
    container: { volumeMounts: [{ name: 'image', mountPath: '/probe', readOnly: true }] },
  })
  if (end.kind !== 'ended') return unanswered(end)
  return end.message ? yes('mounted in a user namespace') : no('the volume is empty')
}

/** The profile must be on the node on which the pod runs: this asks one of them. */
export async function probeSeccompProfile(site: ProbeSite, localhostProfile: string): Promise<Finding> {
  const container = { securityContext: { seccompProfile: { type: 'Localhost', localhostProfile } } }
  const end = await site.run('seccomp', `grep Seccomp: /proc/self/status > ${SAY}`, { container })
  if (end.kind !== 'ended') return unanswered(end)
  return /2$/.test(end.message) ? yes(localhostProfile) : no(`the process says "${end.message}"`)
}

/** A privileged pod in a namespace of the level `baseline`, as a dry run. */
export async function probePodSecurity(site: ProbeSite): Promise<Finding> {
  const containers = [{ name: 'c', image: 'none', securityContext: { privileged: true } }]
  try {
    await site.create(
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'privileged' }, spec: { containers } },
      { dryRun: true },
    )
    return no('a privileged pod is let into a namespace of the level baseline')
  } catch (error) {
    if (statusOf(error) === undefined) throw error
    const said = messageOf(error)
    return said.includes('PodSecurity') ? yes('a privileged pod is refused') : unknown(said.slice(0, 200))
  }
}
