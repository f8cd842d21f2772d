import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { contentFolder } from '#lib/content/example-content.ts'
import { loadLab } from '#lib/content/load-lab.ts'
import { formatProblem } from '#lib/content/problem.ts'

const roots: string[] = []
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true })
})

async function loaded(text: string, files: Record<string, string> = {}, change: (folder: string) => void = () => {}) {
  const root = contentFolder({ 'challenges/one/lab.yaml': text, ...files })
  roots.push(root)
  change(join(root, 'challenges/one'))
  const result = await loadLab(root, 'challenges/one/lab.yaml', 'challenges/one')
  return 'lab' in result ? result.lab.definition : result.problems.map(formatProblem)
}

const HEAD = 'kubernetes: {}\nmachines: [{ name: box, profile: kubernetes }]\n'
const TASK = 'tasks: [{ id: up, title: T, check: { run: checks/up.sh } }]\n'
const lab = (rest: string) => `${HEAD}${TASK}${rest}`
const check = (inner: string, rest = '') => `${HEAD}tasks: [{ id: up, title: T, check: { ${inner} }${rest} }]\n`

const FULL = `${HEAD}vars: { port: { int: [8000, 8999] }, name: { pick: [api, web] } }
files: [{ from: files/app, to: "box:/srv/app" }, { from: files/one.txt, to: "box:/srv/one", mode: "0600" }]
init:
  - { id: image, title: Loading, run: init/image.sh }
  - { id: net, on: box, title: Cabling, run: init/image.sh, needs: [image], timeout: 2m }
load: [{ id: traffic, url: "http://web:{{ vars.port }}/", rate: 20/s }]
ports: [{ machine: box, port: 8080, title: Page }, { service: web, port: "{{ vars.port }}", title: Shop, from: box }]
tasks:
  - { id: up, title: T, check: { run: checks/up.sh } }
  - { id: ip, title: T, kind: answer, prompt: "The IP of {{ vars.name }}?", check: { answer: { oneOf: ["{{ vars.name }}", x], ignoreCase: true } } }
  - { id: page, title: T, check: { http: { service: web, port: "{{ vars.port }}", path: "/{{ vars.name }}", body: { matches: "^v[0-9]+" }, from: box } } }
  - { id: port, title: T, check: { tcp: { machine: box, port: 22, open: false } } }
  - { id: name, title: T, check: { dns: { name: web, includes: [10.0.0.1], count: 1 } } }
  - { id: roll, title: T, needs: [up], check: { load: { of: traffic, atLeast: 1200 } } }
hints: { up: [First., { when: checks/wrong-name.sh, text: "Under another name than {{ vars.name }}" }] }
scenes:
  dark:
    - { id: route, layer: The route, run: breaks/route.sh, mended: up }
    - { id: cable, layer: The cable, run: breaks/route.sh, mended: up }
    - { id: name, layer: The name, run: breaks/route.sh, mended: name }
`
const FILES = Object.fromEntries(
  ['init/image.sh', 'checks/wrong-name.sh', 'breaks/route.sh', 'files/app/a.txt', 'files/one.txt'].map((name) => [
    `challenges/one/${name}`,
    `# ${name}\n`,
  ]),
)

test('every key, and its scripts and files', async () => {
  expect(await loaded(FULL, FILES)).toMatchObject({
    lab: {
      init: [{ needs: [], timeout: '60s' }, { needs: ['image'] }],
      tasks: [
        {},
        {},
        { check: { http: { status: 200 } } },
        {},
        { check: { dns: { type: 'A' } } },
        { check: { load: { failed: 0 } } },
      ],
    },
    scripts: {
      'breaks/route.sh': '# breaks/route.sh\n',
      'checks/up.sh': expect.any(String),
      'checks/wrong-name.sh': expect.any(String),
      'init/image.sh': expect.any(String),
    },
    files: {
      'files/app/a.txt': { base64: Buffer.from('# files/app/a.txt\n').toString('base64'), mode: '0644' },
      'files/one.txt': { mode: '0644' },
    },
  })
})

test('what is not written is not there', async () => {
  const definition = await loaded(lab(''))
  expect(Object.keys(definition).sort()).toEqual(['lab', 'scripts'])
  expect(Object.keys('lab' in definition ? definition.lab : {}).sort()).toEqual([
    'hints',
    'kubernetes',
    'machines',
    'tasks',
    'time',
  ])
})

test.each([
  ['a variable of no kind', lab('vars: { p: {} }'), ':4:12: "vars.p" has neither; expected one of: int, pick'],
  [
    'of both',
    lab('vars: { p: { int: [1, 2], pick: [a, b] } }'),
    ':4:12: "vars.p" has both; expected one of: int, pick',
  ],
  [
    'an empty range',
    lab('vars: { p: { int: [2, 2] } }'),
    ':4:19: 2 is not below 2; expected the lowest and the highest number',
  ],
  ['half a range', lab('vars: { p: { int: [2] } }'), ':4:19: "vars.p.int" is too short; expected at least 2 entries'],
  [
    'a choice of one',
    lab('vars: { p: { pick: [a] } }'),
    ':4:20: "vars.p.pick" is too short; expected at least 2 entries',
  ],
  ['a choice twice', lab('vars: { p: { pick: [1, "1"] } }'), ':4:24: "1" is named twice; expected a name of its own'],
  [
    'a value for shells',
    lab('vars: { p: { pick: [a, "$(x)"] } }'),
    ':4:24: "vars.p.pick[1]" is "$(x)"; expected a plain word or two, e.g. "api"',
  ],
  [
    'a value of no type',
    lab('vars: { p: { pick: [a, true] } }'),
    ':4:24: "vars.p.pick[1]" is true; expected a number, or text',
  ],
  [
    'a name that is none',
    lab('vars: { My_Port: { int: [1, 2] } }'),
    ':4:9: "vars.My_Port" cannot be a name here; expected lower-case letters, digits and dashes, starting with a letter',
  ],
  [
    'an unknown variable',
    lab('vars: { port: { int: [1, 2] } }\nhints: { up: ["at {{ vars.prot }}"] }'),
    ':5:15: there is no variable "prot"; expected one of: port; did you mean port?',
  ],
  [
    'a part of a variable',
    lab('vars: { port: { int: [1, 2] } }\nhints: { up: ["{{ vars.port.x }}"] }'),
    ':5:15: "vars.port.x": a variable has no parts; expected "{{ vars.port }}"',
  ],
  [
    'an object in a hint',
    lab('hints: { up: ["{{ object.x }}"] }'),
    ':4:15: "object.x": only variables can stand here; expected "{{ vars.name }}"',
  ],
  [
    'a variable in a title',
    lab('vars: { a: { int: [1, 2] } }').replace('title: T', 'title: "{{ vars.a }}"'),
    ':3:26: a title is the same for everybody; expected no "{{ vars.… }}" in it',
  ],
  [
    'an unknown variable in CEL',
    check('kubernetes: { list: pods, cel: "true && vars.prot == 1" }'),
    ':3:78: there is no variable "prot"; expected a variable of the lab',
  ],
  [
    'an unknown need in CEL',
    check("kubernetes: { list: pods, cel: \"needs['ip'].a == ''\" }"),
    ':3:69: there is no need "ip"; expected a need of the lab',
  ],
  [
    'a file for a machine that is not there',
    lab('files: [{ from: checks, to: "bux:/x" }]'),
    ':4:29: there is no machine "bux"; expected one of: box; did you mean box?',
  ],
  [
    'a file to a way out',
    lab('files: [{ from: checks, to: "box:/srv/../etc/x" }]'),
    ':4:29: "files[0].to" is "box:/srv/../etc/x"; expected a machine and a path in it, e.g. "box:/srv/app"',
  ],
  [
    'a file from a way out',
    lab('files: [{ from: ../one, to: "box:/x" }]'),
    ':4:17: "files[0].from" is "../one"; expected a path inside the lab\'s folder, e.g. "checks/running.sh"',
  ],
  [
    'a file that is missing',
    lab('files: [{ from: files/x, to: "box:/x" }]'),
    ':4:17: files/x: the file is missing; expected plain files named in letters, digits and . _ @ + -',
  ],
  [
    'two files to one place',
    lab('files: [{ from: checks, to: "box:/x" }, { from: lab.yaml, to: "box:/x" }]'),
    ':4:63: "box:/x" is named twice; expected a name of its own',
  ],
  [
    'a mode of another kind',
    lab('files: [{ from: checks, to: "box:/x", mode: u+x }]'),
    ':4:45: "files[0].mode" is "u+x"; expected three octal digits in quotes, e.g. "0755"',
  ],
  [
    'too many variables',
    lab(`vars: { ${Array.from({ length: 51 }, (_, n) => `a${n}: { int: [1, 2] }`).join(', ')} }`),
    ':4:7: "vars" has 51 entries; expected at most 50 entries',
  ],
  [
    'steps in a circle',
    lab(
      'init: [{ id: a, title: T, run: checks/up.sh, needs: [b] }, { id: b, title: T, run: checks/up.sh, needs: [a] }]',
    ),
    ':4:53: these steps wait for each other: a → b → a; expected needs that end',
  ],
  [
    'a step that waits for nobody',
    lab('init: [{ id: a, title: T, run: checks/up.sh, needs: [c] }]'),
    ':4:54: there is no step "c"; expected one of: a; did you mean a?',
  ],
  [
    'a step without a script',
    lab('init: [{ id: a, title: T, run: init/a.sh }]'),
    ':4:32: init/a.sh: the file is missing; expected a text file',
  ],
  [
    'a load too heavy',
    lab('load: [{ id: a, url: "http://web/", rate: 51/s }]'),
    ':4:43: "load[0].rate" is "51/s"; expected requests a second, from "1/s" to "50/s"',
  ],
  [
    'a load of another kind',
    lab('load: [{ id: a, url: "file:///etc/passwd", rate: 1/s }]'),
    ':4:22: "load[0].url" is "file:///etc/passwd"; expected an address, e.g. "http://web/"',
  ],
  [
    'a count of no load',
    check('load: { of: trafic, atLeast: 1 }'),
    ':3:50: there is no load "trafic"; expected a load of the lab',
  ],
  [
    'a scene of two faults',
    lab(
      'scenes: { dark: [{ id: a, layer: L, run: checks/up.sh, mended: up }, { id: b, layer: L, run: checks/up.sh, mended: up }] }',
    ),
    ':4:17: "scenes.dark" is too short; expected at least 3 entries',
  ],
  [
    'a page of nothing',
    lab('ports: [{ port: 80, title: Page }]'),
    ':4:9: "ports[0]" has neither; expected one of: machine, service',
  ],
  [
    'a page of a stranger',
    lab('ports: [{ machine: bux, port: 80, title: Page }]'),
    ':4:20: there is no machine "bux"; expected one of: box; did you mean box?',
  ],
  [
    'a page of a Service without a cluster',
    lab('ports: [{ service: web, port: 80, title: Page }]')
      .replace('kubernetes: {}\n', '')
      .replace('profile: kubernetes', 'profile: root'),
    ':3:20: this lab has no Kubernetes; expected a machine, or kubernetes: {} in the lab',
  ],
  [
    'a page of a Service that no machine reaches',
    lab('ports: [{ service: web, port: 80, title: Page }]').replace('profile: kubernetes', 'profile: root'),
    ':4:20: no machine here reaches "web"; expected a machine of profile kubernetes',
  ],
  [
    'a page of a machine from another',
    lab('ports: [{ machine: box, port: 80, title: Page, from: box }]'),
    ':4:54: a machine is asked in its own network; expected no "from"',
  ],
  [
    'a page from a stranger',
    lab('ports: [{ service: web, port: 80, title: Page, from: bux }]'),
    ':4:54: there is no machine "bux"; expected one of: box; did you mean box?',
  ],
  [
    'a page from a machine without kubectl',
    lab('ports: [{ service: web, port: 80, title: Page, from: desk }]')
      .replace('}]\n', '}, { name: desk, profile: shell }]\n')
      .replace('check: {', 'on: box, check: {'),
    ':4:54: "desk" does not reach the cluster; expected a machine of profile kubernetes',
  ],
  [
    'a page twice',
    lab('ports: [{ machine: box, port: 80, title: Page }, { machine: box, port: 80, title: Other }]'),
    ':4:72: port 80 of "box" is named twice; expected each port once',
  ],
  [
    'two pages of one name',
    lab('ports: [{ machine: box, port: 80, title: Page }, { machine: box, port: 81, title: Page }]'),
    ':4:83: "Page" is named twice; expected a name of its own',
  ],
  [
    'a page on a port that is none',
    lab('ports: [{ machine: box, port: 0, title: Page }]'),
    ':4:31: "ports[0].port" is too small; expected at least 1',
  ],
  [
    'a page on an unknown variable',
    lab('ports: [{ machine: box, port: "{{ vars.port }}", title: Page }]'),
    ':4:31: there is no variable "port"; expected a variable of the lab',
  ],
  [
    'a variable in the title of a page',
    lab('vars: { a: { int: [1, 2] } }\nports: [{ machine: box, port: 80, title: "{{ vars.a }}" }]'),
    ':5:42: a title is the same for everybody; expected no "{{ vars.… }}" in it',
  ],
  [
    'too many pages',
    lab(
      `ports: [${Array.from({ length: 7 }, (_, n) => `{ machine: box, port: ${80 + n}, title: P${n} }`).join(', ')}]`,
    ),
    ':4:8: "ports" is too long; expected at most 6 entries',
  ],
  [
    'an answer without a question',
    check('run: checks/up.sh', ', kind: answer'),
    ':3:9: "up" is an answer without a question; expected prompt: "…?"',
  ],
  [
    'an answer judged by a probe',
    check('tcp: { machine: box, port: 1 }', ', kind: answer, prompt: What?'),
    ':3:36: only a script or "answer" can judge an answer; expected run or answer',
  ],
  [
    'a question for nobody',
    check('run: checks/up.sh', ', prompt: What?'),
    ':3:67: only an answer has a prompt; expected kind: answer',
  ],
  [
    'an answer that nobody gives',
    check('answer: { equals: x }'),
    ':3:46: nobody is asked for an answer; expected kind: answer',
  ],
  [
    'a probe of nothing',
    check('tcp: { port: 80 }'),
    ':3:43: "tasks[0].check.tcp" has neither; expected one of: service, machine',
  ],
  [
    'a probe of a stranger',
    check('http: { machine: bux, port: 80 }'),
    ':3:55: there is no machine "bux"; expected one of: box; did you mean box?',
  ],
  [
    'a port that is none',
    check('tcp: { machine: box, port: 70000 }'),
    ':3:65: "tasks[0].check.tcp.port" is too large; expected at most 65535',
  ],
  [
    'a port in words',
    check('tcp: { machine: box, port: http }'),
    ':3:65: "tasks[0].check.tcp.port" is "http"; expected a port from 1 to 65535, or "{{ vars.port }}"',
  ],
  [
    'one machine asks another',
    check('http: { machine: box, port: 80, from: web }').replace('}]\n', '}, { name: web, profile: shell }]\n'),
    ':3:76: the machines of a lab do not reach each other; expected no "from"',
  ],
  [
    'a Service that no machine reaches',
    check('tcp: { service: web, port: 80 }').replace('profile: kubernetes', 'profile: root'),
    ':3:54: no machine here reaches "web"; expected a machine of profile kubernetes',
  ],
  [
    'a name without a cluster',
    check('dns: { name: web }').replace('kubernetes: {}\n', '').replace('profile: kubernetes', 'profile: root'),
    ':2:43: this lab has no Kubernetes; expected kubernetes: {} in the lab',
  ],
  [
    'an ingress that nobody reaches',
    `kubernetes: { ingress: true }\nmachines: [{ name: box, profile: root }]\n${TASK}`,
    ':1:24: no machine here reaches the ingress; expected a machine of profile kubernetes',
  ],
  [
    'a machine by the name of the ingress',
    `kubernetes: { ingress: true }\nmachines: [{ name: ingress, profile: kubernetes }]\n${TASK}`,
    ':2:20: "ingress" is the door’s own name; expected another name',
  ],
  [
    'an ingress that is not there',
    check('http: { ingress: shop.example, port: 80 }'),
    ':3:55: this lab has no ingress; expected kubernetes: { ingress: true } in the lab',
  ],
  [
    'an ingress at another port',
    check('http: { ingress: shop.example, port: 8080 }').replace('{}', '{ ingress: true }'),
    ':3:75: an ingress has no such port; expected 80 or 443',
  ],
  [
    'a host beside a host',
    check('http: { ingress: shop.example, port: 80, header: { host: a } }').replace('{}', '{ ingress: true }'),
    ':3:87: the host is said twice; expected no "Host" beside "ingress"',
  ],
  [
    'an expression that looks around',
    check('http: { machine: box, port: 80, body: { matches: "(?=a)" } }'),
    ':3:87: look-around and references back are not possible; expected a regular expression (RE2)',
  ],
  [
    'an expression that does not compile',
    check('http: { machine: box, port: 80, body: { matches: "(a" } }'),
    ':3:87: this expression does not compile: Unterminated group; expected a regular expression (RE2)',
  ],
  [
    'a machine of one user',
    `${lab('')}`.replace('profile: kubernetes', 'profile: shell, user: learner'),
    ':2:47: a machine of profile "shell" has one user; expected no "user"',
  ],
  [
    'a hint of an unknown key',
    lab('hints: { up: [{ wen: checks/up.sh, text: x }] }'),
    ':4:17: unknown key "wen"; expected one of: when, on, text; did you mean when?',
  ],
  [
    'a host that is a URL',
    lab('egress: ["https://pypi.example/simple"]'),
    ':4:10: "egress[0]" is "https://pypi.example/simple"; expected a host alone, without "https://" and without a path, e.g. "pypi.example"',
  ],
  [
    'a host of a private network, with ports',
    lab('egress: [{ host: 10.0.0.1, ports: [22] }]'),
    ':4:18: "egress[0].host" is "10.0.0.1"; expected a public address: none of a private network, of a machine itself or of a group',
  ],
  [
    'a host twice',
    lab('egress: [a.example, { host: a.example, ports: [22] }]'),
    ':4:21: "a.example" is named twice; expected a name of its own',
  ],
  [
    'a port of a host that is none',
    lab('egress: [{ host: a.example, ports: [https] }]'),
    ':4:37: "egress[0].ports[0]" is "https"; expected a number',
  ],
  [
    'an account that is there anyway',
    lab('').replace('kubernetes: {}', 'kubernetes: { serviceAccounts: [default] }'),
    ':1:33: "kubernetes.serviceAccounts[0]" is "default"; expected a name but "default", which is there anyway',
  ],
  [
    'a variable without quotes',
    check('http: { machine: box, port: {{ vars.port }} }'),
    ':3:66: braces begin a map in YAML; expected braces inside quotes; did you mean "{{ vars.port }}"?',
  ],
])('%s', async (_name, text, expected) => {
  expect(await loaded(text)).toEqual([`challenges/one/lab.yaml${expected}`])
})

const files = lab('files: [{ from: files, to: "box:/srv" }]\n')

test('files: links, sockets of names, too much', async () => {
  const told = async (change: (folder: string) => void) =>
    loaded(files, {}, (folder) => {
      mkdirSync(join(folder, 'files'))
      change(join(folder, 'files'))
    })
  const expected = 'expected plain files named in letters, digits and . _ @ + -'
  expect(await told((folder) => symlinkSync('/etc/passwd', join(folder, 'a')))).toEqual([
    `challenges/one/lab.yaml:4:17: files/a: the file is a link; ${expected}`,
  ])
  expect(await told((folder) => writeFileSync(join(folder, 'a b'), ''))).toEqual([
    `challenges/one/lab.yaml:4:17: files/a b: the name cannot be used here; ${expected}`,
  ])
  expect(await told((folder) => writeFileSync(join(folder, 'a'), Buffer.alloc(1024 * 1024 + 1)))).toEqual([
    'challenges/one/lab.yaml:4:8: the files have 1048577 bytes; expected at most 1048576 bytes',
  ])
})
