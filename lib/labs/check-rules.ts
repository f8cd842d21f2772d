import { type BrokenRule, broken, exactlyOne, type LabPath, stray } from '#lib/labs/broken-rule.ts'
import { compileCel } from '#lib/labs/cel.ts'
import type { KubernetesCheck, Lab, Task } from '#lib/labs/schema.ts'

/** The resource a check is about, e.g. `deployments.apps`. */
export const resourceOf = ({ get, list }: KubernetesCheck): string => list ?? get?.slice(0, get.indexOf('/')) ?? ''

const KINDS = ['run', 'kubernetes', 'http', 'tcp', 'dns', 'load', 'answer'] as const

/** What a task's check may say, and what goes with what. */
export function* brokenChecks(lab: Lab): Generator<BrokenRule> {
  for (const [index, task] of lab.tasks.entries()) {
    const path = ['tasks', index]
    const { check, kind, mode, prompt } = task
    yield* exactlyOne(check, [...KINDS], [...path, 'check'])
    if (mode) yield* exactlyOne(mode, ['stableFor', 'once'], [...path, 'mode'])
    if (mode?.once && kind === 'guard') {
      const message = 'a guard holds from the start to the end, so "once" says nothing'
      yield broken([...path, 'mode', 'once'], message, 'no mode')
    }
    if (kind === 'answer') {
      if (prompt === undefined) yield broken(path, `"${task.id}" is an answer without a question`, 'prompt: "…?"')
      if (!check.run && !check.answer) {
        yield broken([...path, 'check'], 'only a script or "answer" can judge an answer', 'run or answer')
      }
    } else {
      if (prompt !== undefined) yield broken([...path, 'prompt'], 'only an answer has a prompt', 'kind: answer')
      if (check.answer) yield broken([...path, 'check', 'answer'], 'nobody is asked for an answer', 'kind: answer')
    }
    if (task.on !== undefined && !check.run && !check.kubernetes) {
      yield broken([...path, 'on'], 'only a script looks at the machine of "on"', 'no "on"')
    }
    if (task.evidence !== undefined && !check.kubernetes) {
      const sayer = check.run ? 'a script is said by the script' : 'this check is said by the platform'
      const expected = check.run ? 'pass "…" and not_yet "…" in it' : 'no "evidence"'
      yield broken([...path, 'evidence'], `the evidence of ${sayer}`, expected)
    }
    if (check.kubernetes) yield* kubernetesRules(lab, task, check.kubernetes, path)
    yield* probeRules(lab, check, [...path, 'check'])
  }
}

function* kubernetesRules(lab: Lab, task: Task, check: KubernetesCheck, path: LabPath): Generator<BrokenRule> {
  const here = [...path, 'check', 'kubernetes']
  yield* exactlyOne(check, ['get', 'list'], here)
  if (!lab.kubernetes) yield broken(here, 'this lab has no Kubernetes', 'kubernetes: {} in the lab')
  if (task.on !== undefined) yield broken([...path, 'on'], 'a Kubernetes check looks at no machine', 'no "on"')
  if (check.selector !== undefined && check.get !== undefined) {
    yield broken([...here, 'selector'], 'a selector chooses among many, and "get" names one', '"list"')
  }
  const compiled = compileCel(check.cel, check.list === undefined ? 'object' : 'objects')
  const cel = [...here, 'cel']
  if ('problem' in compiled) {
    const { message, offset } = compiled.problem
    yield { ...broken(cel, `this CEL does not compile: ${message}`, 'CEL that gives true or false'), offset }
    return
  }
  const known = { vars: Object.keys(lab.vars ?? {}), needs: task.needs }
  for (const { root, name, offset } of compiled.names) {
    if (known[root].includes(name)) continue
    yield { ...stray(root === 'vars' ? 'variable' : 'need', name, known[root], cel), offset }
  }
}

/** Probes name one thing to ask, and things that are there. */
function* probeRules(lab: Lab, { http, tcp, dns, load }: Task['check'], path: LabPath): Generator<BrokenRule> {
  const machines = lab.machines.map(({ name }) => name)
  for (const [kind, probe] of Object.entries({ http, tcp })) {
    if (!probe) continue
    const kinds = kind === 'http' ? ['service', 'machine', 'ingress'] : ['service', 'machine']
    yield* exactlyOne(probe, kinds, [...path, kind])
    if (probe.service !== undefined && !lab.kubernetes) {
      yield broken([...path, kind, 'service'], 'this lab has no Kubernetes', 'a machine, or kubernetes: {} in the lab')
    }
    if (probe.machine !== undefined && !machines.includes(probe.machine)) {
      yield stray('machine', probe.machine, machines, [...path, kind, 'machine'])
    }
  }
  if (http?.ingress !== undefined) yield* ingressRules(lab, http, [...path, 'http'])
  yield* askerRules(lab, { http, tcp, dns }, path)
  if (http?.body) {
    const body = [...path, 'http', 'body']
    yield* exactlyOne(http.body, ['contains', 'equals', 'matches'], body)
    const problem = http.body.matches === undefined ? null : expressionProblem(http.body.matches)
    if (problem) yield broken([...body, 'matches'], problem, 'a regular expression (RE2)')
  }
  const loads = (lab.load ?? []).map(({ id }) => id)
  if (load && !loads.includes(load.of)) yield stray('load', load.of, loads, [...path, 'load', 'of'])
}

function* ingressRules(
  { kubernetes }: Lab,
  { port, header = {} }: NonNullable<Task['check']['http']>,
  path: LabPath,
): Generator<BrokenRule> {
  const there = [...path, 'ingress']
  if (!kubernetes?.ingress) yield broken(there, 'this lab has no ingress', 'kubernetes: { ingress: true } in the lab')
  if (port !== 80 && port !== 443) yield broken([...path, 'port'], 'an ingress has no such port', '80 or 443')
  if (Object.keys(header).some((name) => name.toLowerCase() === 'host')) {
    yield broken([...path, 'header'], 'the host is said twice', 'no "Host" beside "ingress"')
  }
}

/** The machines of a lab do not reach each other, and only those with kubectl reach Services and names. */
function* askerRules(lab: Lab, { http, tcp, dns }: Task['check'], path: LabPath): Generator<BrokenRule> {
  const machines = lab.machines.map(({ name }) => name)
  const reaching = lab.machines.filter(({ profile }) => profile === 'kubernetes').map(({ name }) => name)
  for (const [kind, from] of [['http', http?.from] as const, ['dns', dns?.from] as const]) {
    if (from === undefined) continue
    const place = [...path, kind, 'from']
    if (!machines.includes(from)) yield stray('machine', from, machines, place)
    else if (kind === 'http' && http?.machine !== undefined && http.machine !== from) {
      yield broken(place, 'the machines of a lab do not reach each other', 'no "from"')
    } else if (http?.machine === undefined && !reaching.includes(from)) {
      yield broken(place, `"${from}" does not reach the cluster`, 'a machine of profile kubernetes')
    }
  }
  const asked = { 'http.service': http?.service, 'tcp.service': tcp?.service, 'dns.name': dns?.name }
  for (const [key, name] of Object.entries(asked)) {
    if (name === undefined || !lab.kubernetes || reaching.length > 0) continue
    yield broken([...path, ...key.split('.')], `no machine here reaches "${name}"`, 'a machine of profile kubernetes')
  }
  if (dns && !lab.kubernetes) yield broken([...path, 'dns'], 'this lab has no Kubernetes', 'kubernetes: {} in the lab')
}

/** RE2 has neither look-around nor references back, so that it takes no longer than the text is long. */
function expressionProblem(source: string): string | null {
  if (/\(\?<?[=!]|\\[1-9]|\\k</.test(source)) return 'look-around and references back are not possible'
  try {
    new RegExp(source.replace(/^\(\?i\)/, ''), 'u')
    return null
  } catch (error) {
    return `this expression does not compile: ${error instanceof Error ? error.message.split(': ').at(-1) : error}`
  }
}
