import type { Attack, Outcome } from '#attack/attack.ts'
import { once } from '#attack/once.ts'
import type { Range } from '#attack/range.ts'
import { BY_ADMISSION, BY_ROLE, IN_SYS, type Places, podWith, type Request } from '#attack/requests.ts'
import { labSchema } from '#lib/labs/schema.ts'
import type { Manifest } from '#lib/sandbox/cluster-port.ts'
import { sandboxManifests } from '#lib/sandbox/manifests.ts'
import { namespacesOf } from '#lib/sandbox/names.ts'
import type { Answer, Ask } from '#lib/sandbox/test-api.ts'

/** Requests with the learner's own token, to the API server. Only Kubernetes labs have one. */
const from: Attack['from'] = ({ kubernetes }) => kubernetes

/** 400: what comes after every defence, as a shell without a connection to upgrade. */
const isRefused = ({ status }: Answer) => status === 403 || status === 422
const isDone = ({ status }: Answer) => status < 401

/** A refusal by another defence than the one that the row is about shows nothing of that one. */
function outcomeOf(answer: Answer, says: RegExp): Outcome {
  const seen = `${answer.status} ${messageOf(answer)}`
  if (isDone(answer)) return { worked: true, seen }
  if (!isRefused(answer) || !says.test(answer.body)) throw new Error(`refused otherwise: ${seen}`)
  return { worked: false, seen }
}
const proofOf = (answer: Answer): Outcome => ({ worked: isDone(answer), seen: `${answer.status} ${messageOf(answer)}` })

const messageOf = ({ body }: Answer): string => {
  try {
    const parsed: unknown = JSON.parse(body)
    const message = typeof parsed === 'object' && parsed && 'message' in parsed ? `${parsed.message}` : 'done'
    // Long refusals name the object first and the reason last.
    return message.length > 160 ? `…${message.slice(-160)}` : message
  } catch {
    return body.slice(0, 160)
  }
}

/** Namespaces as the requests name them, with a pod `web` in the learner's and in the control's. */
const places = new WeakMap<Range, () => Promise<Places>>()
const placesOf = (range: Range): Promise<Places> => {
  const made = once(() => makePlaces(range))
  const known = places.get(range) ?? (() => made('places'))
  places.set(range, known)
  return known()
}
async function makePlaces(range: Range): Promise<Places> {
  const { sandboxId } = await range.subject('kubernetes')
  const { learner: asLearner, admin } = await range.askers()
  const found = { ...namespacesOf(sandboxId), foreign: range.foreign }
  const web = { ...podWith({}), metadata: { name: 'web' } }
  for (const [ask, namespace] of [
    [asLearner, found.learner],
    [admin, found.foreign],
  ] as const) {
    const answer = await ask('POST', `/api/v1/namespaces/${namespace}/pods`, { body: web })
    if (answer.status !== 201) throw new Error(`no pod "web": ${messageOf(answer)}`)
  }
  return found
}

const send = (
  ask: Ask,
  { method = 'POST', path, body, headers = {} }: Request,
  namespace: string,
  found: Places,
  dryRun: boolean,
) => {
  const where = path(namespace, found)
  const query = dryRun && method !== 'GET' ? `${where.includes('?') ? '&' : '?'}dryRun=All` : ''
  const sent = body?.(namespace, found)
  return ask(method, `${where}${query}`, { headers, ...(sent && { body: sent }) })
}

const asked = (request: Request, by: 'peer' | 'chief', control: string): Attack => ({
  name: request.name,
  from,
  control,
  attempt: async (range) => {
    const found = await placesOf(range)
    const { learner } = await range.askers()
    return outcomeOf(await send(learner, request, found.learner, found, false), request.says)
  },
  proof: async (range) => {
    const found = await placesOf(range)
    const askers = await range.askers()
    return proofOf(await send(askers[by], request, found.foreign, found, true))
  },
})

/** What the mutating policies make of a pod: it is not refused, but is not what was asked for either. */
const overridden = (name: string, spec: Record<string, unknown>, isDangerous: (made: string) => boolean): Attack => {
  const make = async (ask: Ask, namespace: string): Promise<Outcome> => {
    const body = podWith(spec)
    const answer = await ask('POST', `/api/v1/namespaces/${namespace}/pods?dryRun=All`, { body })
    if (answer.status !== 201) throw new Error(messageOf(answer))
    const worked = isDangerous(JSON.stringify(JSON.parse(answer.body).spec))
    return { worked, seen: worked ? 'made as asked for' : 'made, and overridden' }
  }
  return {
    name,
    from,
    control: WITHOUT_POLICIES,
    attempt: async (range) => make((await range.askers()).learner, (await placesOf(range)).learner),
    proof: async (range) => make((await range.askers()).peer, range.foreign),
  }
}

/** Even an administrator is refused what no machine is, in the namespace of machines. */
const inSys = ({ name, says, change }: (typeof IN_SYS)[number]): Attack => ({
  name: `among the machines, even as an administrator: ${name}`,
  from,
  control: WITHOUT_POLICIES,
  attempt: async (range) => {
    const { sys } = await placesOf(range)
    const { admin } = await range.askers()
    // The quota counts one pod, so that it would refuse the second: policies are asked first.
    return outcomeOf(await admin('POST', `/api/v1/namespaces/${sys}/pods`, { body: changed(range, change) }), says)
  },
  proof: async (range) => {
    const { admin } = await range.askers()
    const body = changed(range, change)
    const accounted = { ...body, spec: { ...body.spec, serviceAccountName: 'default' } }
    return proofOf(await admin('POST', `/api/v1/namespaces/${range.foreign}/pods?dryRun=All`, { body: accounted }))
  },
})

type MachinePod = Manifest & {
  spec: { containers: Record<string, unknown>[]; volumes: object[] } & Record<string, unknown>
}

function changed({ images }: Range, change: (typeof IN_SYS)[number]['change']) {
  const lab = labSchema.parse({
    machines: [{ name: 'box', profile: 'kubernetes' }],
    tasks: [{ id: 'one', title: 'The first', check: { run: 'checks/one.sh' } }],
  })
  const made = sandboxManifests({ sandboxId: 'none', instance: 'none', lab, images }).find(({ kind }) => kind === 'Pod')
  const { spec, metadata } = structuredClone(made) as MachinePod
  const [container = {}] = spec.containers
  change(spec, container)
  return { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name: 'attack', namespace: undefined }, spec }
}

const WITHOUT_POLICIES = 'a namespace without our policies'

export const API: Attack[] = [
  ...BY_ADMISSION.map((request) => asked(request, 'peer', `the same role in ${WITHOUT_POLICIES}`)),
  overridden('a pod with the node’s users', { hostUsers: true }, (made) => made.includes('"hostUsers":true')),
  overridden('a pod that says nothing of system calls', {}, (made) => !made.includes('"RuntimeDefault"')),
  overridden('a pod that says nothing of tokens', {}, (made) => made.includes('serviceAccountToken')),
  ...BY_ROLE.map((request) => asked(request, 'chief', 'an account that may')),
  ...IN_SYS.map(inSys),
]
