import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { contentFolder } from '#lib/content/example-content.ts'
import { loadLab } from '#lib/content/load-lab.ts'
import { formatProblem } from '#lib/content/problem.ts'

const roots: string[] = []
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true })
})

async function loaded(text: string) {
  const root = contentFolder({ 'challenges/one/lab.yaml': text })
  roots.push(root)
  const result = await loadLab(root, join('challenges/one/lab.yaml'), 'challenges/one')
  return 'lab' in result ? result.lab.definition : result.problems.map(formatProblem)
}

const lab = (task: string, head = 'kubernetes: {}') => `${head}\ntasks:\n  - id: up\n    title: T\n${task}`
const check = (inner: string, rest = '') => `    check: { kubernetes: { ${inner} } }\n${rest}`
const get = (rest = '') => check('get: deployments.apps/web, cel: "true"', rest)

const WORKSTATION = { name: 'workstation', profile: 'kubernetes', terminals: ['main'] }

test.each([
  ['profile: kubernetes', [WORKSTATION]],
  ['kubernetes: {}', [WORKSTATION]],
  ['kubernetes:', [WORKSTATION]],
  ['machines: [{ name: desk, profile: kubernetes }]', [{ ...WORKSTATION, name: 'desk' }]],
  ['kubernetes: {}\nmachines: [{ name: box, profile: root }]', [{ name: 'box', profile: 'root', terminals: ['main'] }]],
])('a way to ask for Kubernetes: %s', async (head, machines) => {
  const definition = await loaded(lab(get(), head))
  expect(definition).toMatchObject({ lab: { kubernetes: {}, machines }, scripts: {} })
  expect(definition).not.toHaveProperty('lab.profile')
})

test('a lab of both kinds of checks, with modes and evidence', async () => {
  const evidence = '    evidence: "{{ object.status.readyReplicas }} of 3"\n    mode: { stableFor: 5s }\n'
  const second = '  - { id: ip, title: T, needs: [up], on: workstation, check: { run: checks/up.sh } }\n'
  expect(await loaded(lab(get(evidence) + second))).toMatchObject({
    lab: { tasks: [{ mode: { stableFor: '5s' }, evidence: '{{ object.status.readyReplicas }} of 3' }, { id: 'ip' }] },
    scripts: { 'checks/up.sh': expect.any(String) },
  })
})

test.each([
  [
    'no machine and no Kubernetes',
    lab('    check: { run: checks/up.sh }\n', '#'),
    ':2:1: "machines" is missing; expected a list, or kubernetes: {}',
  ],
  [
    'no Kubernetes to look at',
    lab(get(), 'machines: [{ name: box, profile: root }]'),
    ':5:26: this lab has no Kubernetes; expected kubernetes: {} in the lab',
  ],
  [
    'no kind of check',
    lab('    check: {}\n'),
    ':5:12: "tasks[0].check" has none; expected one of: run, kubernetes, http, tcp, dns, load, answer',
  ],
  [
    'two kinds',
    lab('    check: { run: checks/up.sh, kubernetes: { list: pods, cel: "true" } }\n'),
    ':5:12: "tasks[0].check" has both; expected one of: run, kubernetes, http, tcp, dns, load, answer',
  ],
  [
    'neither get nor list',
    lab(check('cel: "true"')),
    ':5:26: "tasks[0].check.kubernetes" has neither; expected one of: get, list',
  ],
  [
    'a namespace',
    lab(check('get: pods/a, namespace: kube-system, cel: "true"')),
    ':5:41: unknown key "namespace"; expected one of: get, list, selector, cel',
  ],
  [
    'a resource without a name',
    lab(check('get: pods, cel: "true"')),
    ':5:33: "tasks[0].check.kubernetes.get" is "pods"; expected a resource and a name, e.g. "deployments.apps/web"',
  ],
  [
    'a way out by the name',
    lab(check('get: pods/../secrets, cel: "true"')),
    ':5:33: "tasks[0].check.kubernetes.get" is "pods/../secrets"; expected a resource and a name, e.g. "deployments.apps/web"',
  ],
  [
    'a selector with get',
    lab(check('get: pods/a, selector: app=web, cel: "true"')),
    ':5:51: a selector chooses among many, and "get" names one; expected "list"',
  ],
  [
    'a selector that is none',
    lab(check('list: pods, selector: "app in (a)", cel: "true"')),
    ':5:50: "tasks[0].check.kubernetes.selector" is "app in (a)"; expected labels, e.g. "app=web,tier!=db,canary,!old"',
  ],
  [
    'CEL that ends early',
    lab(check('get: pods/a, cel: "object.status =="')),
    ':5:63: this CEL does not compile: Unexpected token: EOF; expected CEL that gives true or false',
  ],
  [
    'CEL over the wrong thing',
    lab(check('list: pods, cel: "true && object.x"')),
    ':5:54: this CEL does not compile: Unknown variable: object; expected CEL that gives true or false',
  ],
  [
    'CEL in a block',
    lab(
      '    check:\n      kubernetes:\n        get: pods/a\n        cel: |\n          object.a == 1 &&\n            objet.b\n',
    ),
    ':10:13: this CEL does not compile: Unknown variable: objet; expected CEL that gives true or false',
  ],
  [
    'CEL that gives a number',
    lab(check('list: pods, cel: objects.size()')),
    ':5:45: this CEL does not compile: it gives int, not true or false; expected CEL that gives true or false',
  ],
  [
    'a machine to look at',
    lab(get('    on: workstation\n')),
    ':6:9: a Kubernetes check looks at no machine; expected no "on"',
  ],
  [
    'evidence of a script',
    lab('    check: { run: checks/up.sh }\n    evidence: up\n'),
    ':6:15: the evidence of a script is said by the script; expected pass "…" and not_yet "…" in it',
  ],
  [
    'a template without an end',
    lab(get('    evidence: "so {{ object.a"\n')),
    ':6:19: "{{" is not closed by "}}"; expected a path, e.g. "{{ object.status.readyReplicas }}"',
  ],
  [
    'a template without quotes',
    lab(get('    evidence: {{ object.a }}\n')),
    ':6:15: braces begin a map in YAML; expected braces inside quotes; did you mean "{{ object.a }}"?',
  ],
  [
    'a template of a variable',
    lab(get('    evidence: "{{ vars.port }}"\n')),
    ':6:15: there is no variable "port"; expected a variable of the lab',
  ],
  [
    'a template of a task that is not needed',
    lab(get('    evidence: "{{ needs.ip.address }}"\n')),
    ':6:15: "needs.ip.address": "ip" is not among the needs of this task; expected one of its needs',
  ],
  [
    'a template of a list in get',
    lab(get('    evidence: "{{ objects.size }}"\n')),
    ':6:15: "objects.size": this check has no "objects"; expected "object"',
  ],
  [
    'the data of a Secret',
    lab(check('get: secrets/a, cel: "true"', '    evidence: "{{ object.data.password }}"\n')),
    ':6:15: "object.data.password": what a Secret holds is not shown; expected its metadata or type',
  ],
  [
    'two modes',
    lab(get('    mode: { stableFor: 5s, once: true }\n')),
    ':6:11: "tasks[0].mode" has both; expected one of: stableFor, once',
  ],
  [
    'a window too long',
    lab(get('    mode: { stableFor: 1h }\n')),
    ':6:24: "tasks[0].mode.stableFor" is "1h"; expected at most 10m',
  ],
  [
    'a guard that holds once',
    lab(get('    kind: guard\n    mode: { once: true }\n')),
    ':7:19: a guard holds from the start to the end, so "once" says nothing; expected no mode',
  ],
])('%s', async (_name, text, expected) => {
  expect(await loaded(text)).toEqual([`challenges/one/lab.yaml${expected}`])
})
