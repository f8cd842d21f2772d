import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { db } from '#lib/db/client.ts'
import { env } from '#lib/env.ts'
import { createCluster } from '#lib/k8s/cluster.ts'
import { createExec } from '#lib/k8s/exec.ts'
import { KubeConfigSource } from '#lib/k8s/kube-config.ts'
import { ObjectWatch } from '#lib/k8s/object-watch.ts'
import { type LabDefinition, labSchema } from '#lib/labs/schema.ts'
import { logger } from '#lib/obs/logger.ts'
import { breakScene, nameLayer } from '#lib/progress/break-scene.ts'
import { typeAnswer } from '#lib/progress/type-answer.ts'
import { getSandboxView } from '#lib/sandbox/get-sandbox-view.ts'
import { imageRefs } from '#lib/sandbox/image-refs.ts'
import { namespacesOf } from '#lib/sandbox/names.ts'
import { startSandbox } from '#lib/sandbox/start-sandbox.ts'
import { ownUser } from '#lib/sandbox/testing.ts'
import type { SandboxView } from '#lib/sandbox/view.ts'
import { openTestTerminal } from '#lib/terminal/testing.ts'
import { Reconciler } from '#server/reconciler.ts'

/** Everything that a lab may ask for, in real machines. */
const source = new KubeConfigSource(env().KUBECONFIG)
const instance = `format-${randomUUID().slice(0, 8)}`
const cluster = createCluster({ source, instance })
const exec = createExec(source)
const objects = new ObjectWatch({ source, log: logger() })
const make = () => new Reconciler({ cluster, exec, objects, instance, images: imageRefs, log: logger() })
const reconciler = make()

beforeAll(() => reconciler.start())
afterAll(async () => {
  await reconciler.stop()
  objects.stop()
  for (const namespace of await cluster.listNamespaces()) await cluster.deleteNamespace(namespace)
})

async function started(userId: string, definition: LabDefinition, seed?: string) {
  const labId = `challenges/test-${randomUUID()}`
  const loadLab = async () => ({ definition, digest: randomUUID() })
  const { id, attemptId } = await startSandbox({ userId, labId, loadLab, ...(seed && { seed }) })
  const view = () => getSandboxView({ userId, sandboxId: id })
  const until = async (what: string, holds: (now: SandboxView) => boolean): Promise<SandboxView> => {
    for (const begun = performance.now(); ; await sleep(50)) {
      const now = await view()
      if (holds(now)) return now
      const seen = JSON.stringify({ ...now, machines: undefined })
      if (performance.now() - begun > 40_000) throw new Error(`in vain: ${what}: ${seen}`)
    }
  }
  const task = ({ tasks }: SandboxView, name: string) => tasks.find(({ id: one }) => one === name)
  const untilTask = (name: string, verdict: string, evidence: string | RegExp) =>
    until(`${name} is ${verdict}: ${evidence}`, (now) => {
      const seen = task(now, name)
      return seen?.verdict === verdict && new RegExp(evidence).test(seen.evidence)
    })
  return { id, attemptId, view, until, untilTask, ...namespacesOf(id) }
}

/** A web server of one answer, for socat. */
const SERVE = `#!/bin/bash
while IFS= read -r line && [[ $line != $'\\r' ]]; do :; done
printf 'HTTP/1.1 200 OK\\r\\nConnection: close\\r\\n\\r\\n'
cat /srv/site/*.html
`

const box: LabDefinition = {
  lab: labSchema.parse({
    machines: [
      { name: 'box', profile: 'root' },
      { name: 'guest', profile: 'root', user: 'learner' },
    ],
    vars: { port: { int: [8000, 8999] }, word: { pick: ['red', 'green', 'blue'] } },
    files: [
      { from: 'files/site', to: 'box:/srv/site' },
      { from: 'files/serve.sh', to: 'box:/usr/local/bin/serve', mode: '0755' },
    ],
    init: [
      { id: 'second', on: 'box', title: 'The second step', run: 'init/second.sh', needs: ['first'] },
      { id: 'first', on: 'box', title: 'The first step', run: 'init/first.sh' },
    ],
    load: [{ id: 'traffic', on: 'box', url: 'http://box:{{ vars.port }}/', rate: '10/s' }],
    tasks: [
      {
        id: 'site',
        title: 'A site',
        check: {
          http: { machine: 'box', port: '{{ vars.port }}', path: '/{{ vars.word }}.html', body: { contains: 'hello' } },
        },
      },
      { id: 'closed', title: 'Nothing else', kind: 'guard', check: { tcp: { machine: 'box', port: 81, open: false } } },
      { id: 'seen', on: 'box', title: 'Who serves', needs: ['site'], check: { run: 'checks/seen.sh' } },
      { id: 'told', on: 'box', title: 'Told', needs: ['seen'], check: { run: 'checks/told.sh' } },
      { id: 'busy', title: 'Under load', needs: ['site'], check: { load: { of: 'traffic', atLeast: 20 } } },
      {
        id: 'colour',
        title: 'The word',
        kind: 'answer',
        prompt: 'The word, on port {{ vars.port }}?',
        check: { answer: { equals: '{{ vars.word }}', ignoreCase: true } },
      },
      { id: 'home', on: 'box', title: 'Home', kind: 'answer', prompt: 'Your home?', check: { run: 'checks/home.sh' } },
      { id: 'odd', on: 'box', title: 'Odd', check: { run: 'checks/odd.sh' } },
    ],
    scenes: {
      dark: ['Process', 'File', 'Kernel'].map((layer) => ({
        id: layer.toLowerCase(),
        layer,
        on: 'box',
        run: 'breaks/all.sh',
        mended: 'site',
      })),
    },
    hints: { site: ['First of all: {{ vars.port }}', { when: 'checks/wrong.sh', on: 'box', text: 'Another port' }] },
  }),
  scripts: {
    // It serves in the background, from a session of its own, and is not there at first.
    'init/first.sh': 'echo "port $VAR_PORT"; echo "$VAR_PORT" >/root/first; id -u >>/root/first',
    'init/second.sh': 'test -s /root/first && cp /root/first /root/second',
    'breaks/all.sh': 'pkill socat; echo "$VAR_WORD" >/srv/broken',
    'checks/seen.sh':
      '[[ $(engine docker /info) == hello* ]] || not_yet "no engine"; greet=$(in-root /root/second | tr "\\n" " "); value port "$VAR_PORT"; value who "$greet"; pass "seen"',
    'checks/told.sh':
      '[[ $NEED_SEEN_PORT == "$VAR_PORT" && $NEED_SEEN_WHO == "$VAR_PORT 0 " ]] && pass told || not_yet "$NEED_SEEN_WHO"',
    'checks/home.sh': '[[ $ANSWER == /root ]] && pass "at home" || not_yet "not there"',
    'checks/wrong.sh': 'in-root /srv/wrong >/dev/null && pass "wrong" || not_yet "no"',
    'checks/odd.sh':
      'case $(in-root /srv/odd || true) in kill) kill -9 $$ ;; long) sleep 1000 ;; loud) head -c 3000000 /dev/urandom >&2; exit 137 ;; *) pass fine ;; esac',
  },
  files: {
    'files/site/red.html': { base64: Buffer.from('hello red').toString('base64'), mode: '0644' },
    'files/site/green.html': { base64: Buffer.from('hello green').toString('base64'), mode: '0644' },
    'files/site/blue.html': { base64: Buffer.from('hello blue').toString('base64'), mode: '0644' },
    'files/serve.sh': { base64: Buffer.from(SERVE).toString('base64'), mode: '0644' },
  },
}

it('prepares a machine, judges what is asked of it over the network and by the learner', {
  timeout: 90_000,
}, async () => {
  await using user = await ownUser()
  const lab = await started(user.userId, box, 'a seed')
  const { vars } = await db().attempt.findUniqueOrThrow({ where: { id: lab.attemptId } })
  const { port, word } = vars as { port: number; word: string }
  await lab.until('it is ready', ({ state }) => state === 'ready')
  const { preparation } = await db().sandbox.findUniqueOrThrow({ where: { id: lab.id } })
  expect(preparation).toMatchObject({ done: true, running: [], steps: { first: { output: `port ${port}\n` } } })

  await lab.untilTask('site', 'not-yet', `nothing listens on port ${port} of box`)
  await lab.untilTask('closed', 'pass', 'nothing takes connections on port 81')
  const early = await lab.untilTask('colour', 'not-yet', 'Not answered yet')
  expect(early.tasks.find(({ id }) => id === 'colour')?.answer).toEqual({
    prompt: `The word, on port ${port}?`,
    value: null,
    checking: false,
  })
  expect(early.vars).toEqual({})

  const learner = await openTestTerminal(exec, lab.sys)
  learner.type('touch /srv/wrong; ls -l /srv/site/red.html')
  await expect.poll(learner.output, { timeout: 10_000 }).toContain('-rw-r--r--')
  await lab.until('a hint fits', ({ tasks }) => tasks[0]?.hintsTotal === 2)

  const serve = [`TCP-LISTEN:${port},reuseaddr,fork`, 'UNIX-LISTEN:/run/docker.sock,unlink-early,fork']
    .map((address) => `socat ${address} EXEC:/usr/local/bin/serve & `)
    .join('')
  learner.type(serve)
  await lab.untilTask('site', 'pass', 'answers with status 200')
  await lab.untilTask('told', 'pass', 'told')

  const guest = await openTestTerminal(exec, lab.sys, 'main', 'guest')
  guest.type('id -u; touch /root/x; echo mine >$(tty)')
  await expect.poll(guest.output, { timeout: 10_000 }).toMatch(/1000\r\n[\s\S]*Permission denied[\s\S]*mine\r\n/)
  guest.close()

  const answer = (taskId: string, value: string) =>
    typeAnswer({ userId: user.userId, sandboxId: lab.id, taskId, value })
  expect((await answer('colour', 'mauve')).tasks.find(({ id }) => id === 'colour')?.answer).toMatchObject({
    value: 'mauve',
    checking: true,
  })
  await lab.untilTask('colour', 'not-yet', '“mauve” is not it')
  await answer('colour', ` ${word.toUpperCase()} `)
  await lab.untilTask('colour', 'pass', 'is right')
  await answer('home', '$(reboot)')
  await lab.untilTask('home', 'not-yet', 'not there')
  await answer('home', '/root')
  const home = await lab.untilTask('home', 'pass', 'at home')
  expect(home.tasks.find(({ id }) => id === 'home')?.answer).toMatchObject({ value: '/root' })

  await lab.untilTask('busy', 'pass', '0 of the last 20 requests failed')

  const scene = { userId: user.userId, sandboxId: lab.id, scene: 'dark' }
  expect((await breakScene(scene)).scenes).toMatchObject([{ layers: ['File', 'Kernel', 'Process'], state: 'asked' }])
  await lab.until('it is broken', ({ scenes }) => scenes[0]?.state === 'broken')
  await lab.untilTask('site', 'not-yet', 'nothing listens')
  const { faultId } = await db().fault.findFirstOrThrow({ where: { sandboxId: lab.id } })
  const [wrong = ''] = ['Process', 'File'].filter((layer) => layer.toLowerCase() !== faultId)
  expect((await nameLayer({ ...scene, layer: wrong })).scenes[0]).toMatchObject({ named: wrong, right: false })
  learner.type(serve)
  await lab.until('it is mended', ({ scenes }) => scenes[0]?.state === 'mended')

  for (const how of ['kill', 'loud']) {
    learner.type(`echo ${how} >/srv/odd`)
    await expect
      .poll(() => db().verdict.count({ where: { sandboxId: lab.id, taskId: 'odd', verdict: 'broken' } }), {
        timeout: 20_000,
      })
      .toBeGreaterThan(how === 'kill' ? 0 : 1)
  }
  learner.close()
})
