import { randomUUID } from 'node:crypto'
import { expect, it, vi } from 'vitest'
import { db } from '#lib/db/client.ts'
import { AppError } from '#lib/errors.ts'
import { labSchema } from '#lib/labs/schema.ts'
import { endSandbox } from '#lib/sandbox/end-sandbox.ts'
import { getSandboxView } from '#lib/sandbox/get-sandbox-view.ts'
import { namespacesOf } from '#lib/sandbox/names.ts'
import { startSandbox } from '#lib/sandbox/start-sandbox.ts'
import { FakeCluster, ownUser, testReconcile } from '#lib/sandbox/testing.ts'
import type { ExecPort } from '#lib/terminal/exec-port.ts'

const definition = {
  lab: labSchema.parse({
    machines: [{ name: 'box', profile: 'root' }],
    vars: { word: { pick: ['red', 'green'] } },
    files: [
      { from: 'files/app', to: 'box:/srv/app' },
      { from: 'files/run.sh', to: 'box:/usr/bin/run', mode: '0755' },
    ],
    init: [
      { id: 'last', title: 'Last', run: 'init/last.sh', needs: ['left', 'right'] },
      { id: 'left', title: 'Left', run: 'init/left.sh', timeout: '5s' },
      { id: 'right', title: 'Right', run: 'init/right.sh' },
    ],
    tasks: [{ id: 'one', title: 'One', check: { run: 'checks/one.sh' } }],
  }),
  scripts: { 'init/last.sh': 'last', 'init/left.sh': 'left', 'init/right.sh': 'right', 'checks/one.sh': '' },
  files: {
    'files/app/index.html': { base64: 'YQ==', mode: '0644' as const },
    'files/app/js/x.js': { base64: 'Yg==', mode: '0644' as const },
    'files/run.sh': { base64: 'Yw==', mode: '0644' as const },
  },
}

type Said = object | 'silence' | 'cut' | Promise<object>

/** A machine's agent that answers each request, of files and scripts alike, by this function. */
function agent(say: (asked: { op?: string; script?: string; path?: string; mode?: number; env?: object }) => Said) {
  const asked: string[] = []
  const ended: string[] = []
  const exec: ExecPort = {
    open: async (_target, _command, { onStdout, onEnd }) => {
      let name = ''
      return {
        bufferedBytes: 0,
        endInput: () => {},
        pause: () => {},
        resume: () => {},
        close: () => {
          ended.push(name)
          onEnd({ exitCode: null, message: 'closed' })
        },
        write: (bytes) => {
          const request = JSON.parse(Buffer.from(bytes).toString())
          name = request.script ?? request.path
          asked.push(name)
          void Promise.resolve(say(request)).then((said) => {
            if (said === 'silence') return
            if (said === 'cut') return onEnd({ exitCode: null, message: 'the connection broke' })
            onStdout(Buffer.from(`${JSON.stringify({ id: request.id, ...said })}\n`))
            if (!request.op) onEnd({ exitCode: 0, message: '' })
          })
        },
      }
    },
  }
  return { exec, asked, ended }
}
const WELL = { status: 0, output: 'fine', durationMs: 1, placed: true }

async function provisioned(userId: string, exec: ExecPort) {
  const cluster = new FakeCluster()
  const labId = `challenges/test-${randomUUID().slice(0, 8)}`
  const { id } = await startSandbox({ userId, labId, loadLab: async () => ({ definition, digest: randomUUID() }) })
  const first = testReconcile(cluster, { exec })
  await first.settle()
  await first.settle()
  const pod = cluster.pods.get(namespacesOf(id).sys)
  if (!pod) throw new Error('no pod was made')
  pod.ready = true
  const view = () => getSandboxView({ userId, sandboxId: id })
  const stored = async () => (await db().sandbox.findUniqueOrThrow({ where: { id } })).preparation
  return { id, cluster, ...first, view, stored, [Symbol.asyncDispose]: () => first.reconcile.stop() }
}

it('puts files in place, runs what needs nothing at once and the rest after, and is ready then', async () => {
  await using user = await ownUser()
  const placed: unknown[] = []
  const { exec, asked } = agent(({ op, path, mode, env }) => {
    placed.push(op ? [path, mode] : env)
    return WELL
  })
  await using sandbox = await provisioned(user.userId, exec)
  const { settle, view, stored } = sandbox
  await settle()
  expect((await view()).state).toBe('provisioning')
  expect(placed.slice(0, 3).sort()).toEqual([
    ['/srv/app/index.html', 0o644],
    ['/srv/app/js/x.js', 0o644],
    ['/usr/bin/run', 0o755],
  ])
  expect(placed[3]).toEqual({ VAR_WORD: expect.stringMatching(/red|green/) })
  expect(asked.slice(3, 5).sort()).toEqual(['left', 'right'])
  expect(asked.slice(5)).toEqual(['last'])
  await settle()
  expect((await view()).state).toBe('ready')
  expect(await stored()).toMatchObject({ done: true, running: [], steps: { last: { status: 0, output: 'fine' } } })
})

it('shows what runs, and ends it when its learner does not want it any more', async () => {
  await using user = await ownUser()
  const { exec, ended } = agent(({ op, script }) => (op || script === 'right' ? WELL : 'silence'))
  await using sandbox = await provisioned(user.userId, exec)
  const { id, reconcile, cluster, settle, view } = sandbox
  reconcile.observed.sync([...cluster.pods.values()])
  await reconcile.tick()
  await vi.waitFor(async () => expect((await view()).waiting?.stage).toBe('Left'), { timeout: 5000 })
  await endSandbox({ userId: user.userId, sandboxId: id })
  await settle()
  expect(ended).toContain('left')
  await settle()
  expect(cluster.namespaces.size).toBe(0)
})

it.each([
  [{ status: 7, output: 'oh', durationMs: 1 }, '“Left” failed (exit status 7)'],
  [{ status: 137, timedOut: true, output: '', durationMs: 5000 }, '“Left” took too long'],
])('fails by name when a step does not work, with nothing left, and can be started anew: %o', async (how, words) => {
  await using user = await ownUser()
  const { exec, asked } = agent(({ script }) => (script === 'left' ? how : WELL))
  await using sandbox = await provisioned(user.userId, exec)
  const { settle, cluster, view, stored, advance } = sandbox
  await settle()
  await settle()
  const { state, reason } = await view()
  expect([state, reason]).toEqual(['failed', expect.stringContaining(words)])
  expect(await stored()).toMatchObject({ done: false, steps: { left: how, right: WELL_STORED } })
  expect(asked).not.toContain('last')
  advance(60_000)
  await settle()
  await settle()
  expect(cluster.namespaces.size).toBe(0)
})
const WELL_STORED = { status: 0, output: 'fine' }

it('goes on where a process that died left off', async () => {
  await using user = await ownUser()
  let cut = true
  const machine = agent(({ script }) => (script === 'left' && cut ? 'cut' : WELL))
  const { settle, reconcile, cluster, view } = await provisioned(user.userId, machine.exec)
  await settle()
  expect((await view()).state).toBe('provisioning')
  expect(machine.asked.filter((one) => one === 'right')).toHaveLength(1)
  await reconcile.stop()
  cut = false
  const next = testReconcile(cluster, { exec: machine.exec })
  await next.settle()
  await next.settle()
  await next.reconcile.stop()
  expect((await view()).state).toBe('ready')
  expect(machine.asked.filter((one) => one === 'right')).toHaveLength(1)
  expect(machine.asked.filter((one) => one === 'left')).toHaveLength(2)
})

it('runs a step once, though a tick read the row before the step ended', async () => {
  await using user = await ownUser()
  const last = Promise.withResolvers<void>()
  const { exec, asked } = agent(({ script }) => (script === 'last' ? last.promise.then(() => WELL) : WELL))
  await using sandbox = await provisioned(user.userId, exec)
  const { reconcile, cluster, settle, view } = sandbox
  reconcile.observed.sync([...cluster.pods.values()])
  await reconcile.tick()
  await vi.waitFor(() => expect(asked).toContain('last'), { timeout: 5000 })
  const shared = globalThis as { drydockDb?: unknown }
  const client = db()
  shared.drydockDb = client.$extends({
    query: {
      sandbox: {
        findMany: async ({ args, query }) => {
          const rows = await query(args)
          shared.drydockDb = client
          last.resolve()
          await reconcile.idle()
          return rows
        },
      },
    },
  })
  await reconcile.tick()
  await reconcile.idle()
  await settle()
  expect((await view()).state).toBe('ready')
  expect(asked.filter((one) => one === 'last')).toHaveLength(1)
})

it('waits for a machine that cannot be reached, but not for ever', async () => {
  await using user = await ownUser()
  const exec: ExecPort = {
    open: () => Promise.reject(new AppError('cluster-unavailable', 'away')),
  }
  await using sandbox = await provisioned(user.userId, exec)
  const { settle, advance, view } = sandbox
  await settle()
  expect((await view()).state).toBe('provisioning')
  advance(16 * 60_000)
  await settle()
  expect(await view()).toMatchObject({ state: 'failed', reason: 'The machine could not be prepared in time.' })
})
