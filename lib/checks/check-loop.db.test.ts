import { randomUUID } from 'node:crypto'
import pino from 'pino'
import { describe, expect, it, vi } from 'vitest'
import { CheckLoop } from '#lib/checks/check-loop.ts'
import type { ObjectQuery, ObjectsPort, Observation } from '#lib/checks/objects-port.ts'
import { db } from '#lib/db/client.ts'
import { AppError } from '#lib/errors.ts'
import { labSchema } from '#lib/labs/schema.ts'
import { namespacesOf } from '#lib/sandbox/names.ts'
import { startSandbox } from '#lib/sandbox/start-sandbox.ts'
import { loadTestLab, ownUser, testLab } from '#lib/sandbox/testing.ts'
import type { ExecPort } from '#lib/terminal/exec-port.ts'

type Answer = Record<string, unknown> | string | 'cut' | 'silence'

const log = pino({ level: 'silent' })
const noObjects: ObjectsPort = { subscribe: () => () => {} }

/** An examiner that answers each script by this function; a string is a whole line of its own. */
function fakeExaminer(answer: (script: string) => Answer) {
  const opened: { namespace: string; pod: string; container: string }[] = []
  const exec: ExecPort = {
    open: async (target, _command, { onStdout, onEnd }) => {
      opened.push(target)
      const say = (line: string) => onStdout(Buffer.from(`${line}\n`))
      return {
        bufferedBytes: 0,
        endInput: () => {},
        pause: () => {},
        resume: () => {},
        close: () => onEnd({ exitCode: null, message: 'closed' }),
        write: (bytes) => {
          const { id, op, script } = JSON.parse(Buffer.from(bytes).toString())
          if (op === 'ping') return say(JSON.stringify({ id, pong: true, version: '7' }))
          const said = answer(script)
          if (said === 'cut') return onEnd({ exitCode: 137, message: '' })
          if (said === 'silence') return
          say(typeof said === 'string' ? said : JSON.stringify({ id, evidence: '', durationMs: 1, ...said }))
        },
      }
    },
  }
  return { exec, opened }
}

async function judged(userId: string, answer: (script: string) => Answer) {
  const labId = `challenges/test-${randomUUID().slice(0, 8)}`
  const { id, attemptId } = await startSandbox({ userId, labId, loadLab: loadTestLab })
  await db().sandbox.update({ where: { id }, data: { state: 'ready' } })
  const definition = { ...testLab, scripts: { 'checks/one.sh': 'one', 'checks/two.sh': 'two' } }
  const { exec, opened } = fakeExaminer(answer)
  const loop = () => new CheckLoop({ sandbox: { id, attemptId, definition, vars: {} }, exec, objects: noObjects, log })
  return {
    id,
    attemptId,
    opened,
    loop,
    results: () => db().taskResult.findMany({ where: { attemptId }, orderBy: { taskId: 'asc' } }),
    verdicts: () => db().verdict.count({ where: { sandboxId: id } }),
    solvedAt: async () => (await db().attempt.findUniqueOrThrow({ where: { id: attemptId } })).solvedAt,
  }
}

it('runs what is ready, in the examiner of the sandbox itself, and solves after two whole rounds', async () => {
  await using user = await ownUser()
  const { id, opened, loop, results, verdicts, solvedAt } = await judged(user.userId, () => ({ verdict: 'pass' }))
  const checks = loop()
  await checks.round()
  expect((await results()).map(({ taskId }) => taskId)).toEqual(['one'])
  await checks.round()
  expect(await verdicts()).toBe(2)
  await checks.round()
  expect(await solvedAt()).toBeNull()
  await checks.round()
  const solved = await solvedAt()
  expect(solved).toBeInstanceOf(Date)
  await checks.round()
  expect(await solvedAt()).toEqual(solved)
  expect(await verdicts()).toBe(8)
  expect(opened).toEqual([{ namespace: namespacesOf(id).sys, pod: 'box', container: 'examiner' }])
  await checks.stop()
})

it('does not solve what passed only in turns', async () => {
  await using user = await ownUser()
  let round = 0
  const alternating = (script: string) => ({ verdict: (script === 'one') === (round % 2 === 0) ? 'pass' : 'not-yet' })
  const { loop, solvedAt } = await judged(user.userId, alternating)
  const checks = loop()
  for (round = 0; round < 8; round++) await checks.round()
  expect(await solvedAt()).toBeNull()
  await checks.stop()
})

it.each<[string, Answer]>([
  ['is cut', 'cut'],
  ['sends what is not JSON', 'pass!'],
  ['sends a verdict that does not exist', { verdict: 'solved' }],
])('says broken when the examiner %s, keeps a pass, and opens the next stream', async (_, answer) => {
  await using user = await ownUser()
  let said: Answer = { verdict: 'pass', evidence: 'up\u001b[31m\nnow' }
  const { loop, results, opened } = await judged(user.userId, () => said)
  const checks = loop()
  await checks.round()
  said = answer
  await checks.round()
  expect(await results()).toMatchObject([
    { taskId: 'one', verdict: 'pass', evidence: 'up [31m now' },
    { taskId: 'two', verdict: 'broken', evidence: expect.stringContaining('our check failed') },
  ])
  said = { verdict: 'not-yet', evidence: 'down' }
  await checks.round()
  expect(await results()).toMatchObject([
    { verdict: 'notYet', passedSince: null, passedUntil: expect.any(Date) },
    { verdict: 'notYet' },
  ])
  expect(opened.length).toBeLessThanOrEqual(2)
  await checks.stop()
})

it('ignores an answer to a question nobody asked', async () => {
  await using user = await ownUser()
  const forged = JSON.stringify({ id: '99', verdict: 'pass', evidence: '', durationMs: 0 })
  const honest = { verdict: 'not-yet', evidence: 'no' }
  let first = true
  const { loop, results } = await judged(user.userId, () => {
    const said = first ? `${forged}\n${JSON.stringify({ id: '2', durationMs: 0, ...honest })}` : honest
    first = false
    return said
  })
  const checks = loop()
  await checks.round()
  expect(await results()).toMatchObject([{ taskId: 'one', verdict: 'notYet', evidence: 'no' }])
  await checks.stop()
})

it('stores nothing for a sandbox that is over', async () => {
  await using user = await ownUser()
  const { id, loop, verdicts, results } = await judged(user.userId, () => ({ verdict: 'pass' }))
  await db().sandbox.update({ where: { id }, data: { state: 'ending' } })
  const checks = loop()
  await checks.round()
  expect([await verdicts(), (await results()).length]).toEqual([0, 0])
  await checks.stop()
})

it('goes on where an earlier process stopped, and survives an examiner out of reach', async () => {
  await using user = await ownUser()
  const { id, loop, results } = await judged(user.userId, () => ({ verdict: 'pass' }))
  const earlier = loop()
  await earlier.round()
  await earlier.stop()
  const [before] = await results()
  const later = loop()
  await later.round()
  expect((await results())[0]).toEqual(before)
  await later.stop()
  const attemptId = before?.attemptId ?? ''
  const exec: ExecPort = {
    open: async () => {
      throw new AppError('cluster-unavailable', 'away')
    },
  }
  const away = new CheckLoop({
    sandbox: { id, attemptId, definition: testLab, vars: {} },
    exec,
    objects: noObjects,
    log,
  })
  await expect(away.round()).rejects.toMatchObject({ code: 'cluster-unavailable' })
  expect((await results())[0]).toEqual(before)
})

describe('Kubernetes checks', () => {
  const watched = (id: string, get: string, rest: object = {}) => ({
    id,
    title: id,
    check: { kubernetes: { get, cel: 'object.status.?ready.orValue(false)' } },
    evidence: '{{ object.status.ready }}',
    ...rest,
  })
  const kubernetesLab = {
    lab: labSchema.parse({
      kubernetes: {},
      tasks: [watched('one', 'pods/a'), watched('two', 'pods/b', { needs: ['one'] })],
    }),
    scripts: {},
  }

  /** A cluster that tells what it is told to, by name. */
  function fakeObjects() {
    const subscriptions: { query: ObjectQuery; onChange: (observation: Observation) => void }[] = []
    const port: ObjectsPort = {
      subscribe: (query, onChange) => {
        const subscription = { query, onChange }
        subscriptions.push(subscription)
        onChange({ kind: 'unknown' })
        return () => void subscriptions.splice(subscriptions.indexOf(subscription), 1)
      },
    }
    const tell = (name: string, observation: Observation) => {
      for (const { query, onChange } of [...subscriptions]) if (query.name === name) onChange(observation)
    }
    const ready = (name: string, value: boolean) =>
      tell(name, { kind: 'known', objects: [{ metadata: { name }, status: { ready: value } }] })
    return { port, tell, ready, subscriptions }
  }

  async function watching(userId: string) {
    const { id, attemptId, solvedAt, results, verdicts } = await judged(userId, () => 'silence')
    const objects = fakeObjects()
    const exec: ExecPort = {
      open: async () => {
        throw new AppError('cluster-unavailable', 'no examiner is needed')
      },
    }
    const sandbox = { id, attemptId, definition: kubernetesLab, vars: {} }
    const loop = new CheckLoop({ sandbox, exec, objects: objects.port, log })
    return { id, loop, solvedAt, results, verdicts, ...objects }
  }

  it('are judged as soon as something changes, and solve a lab at once', async () => {
    await using user = await ownUser()
    const { id, loop, ready, subscriptions, results, solvedAt, verdicts } = await watching(user.userId)
    loop.start()
    expect(subscriptions.map(({ query }) => query)).toEqual([
      { namespace: namespacesOf(id).learner, resource: 'pods', name: 'a' },
      { namespace: namespacesOf(id).learner, resource: 'pods', name: 'b' },
    ])
    ready('b', true)
    ready('a', false)
    await vi.waitFor(async () => expect(await results()).toMatchObject([{ taskId: 'one', verdict: 'notYet' }]))
    ready('a', true)
    await vi.waitFor(async () => expect(await solvedAt()).toBeInstanceOf(Date))
    expect(await results()).toMatchObject([
      { taskId: 'one', verdict: 'pass', evidence: 'true' },
      { taskId: 'two', verdict: 'pass' },
    ])
    expect(await verdicts()).toBe(3)
    await loop.stop()
    expect(subscriptions).toEqual([])
  })

  it('store nothing while nothing is known, and what is true once it is', async () => {
    await using user = await ownUser()
    const { loop, ready, tell, results, solvedAt, verdicts } = await watching(user.userId)
    ready('a', true)
    await loop.look()
    ready('a', true)
    ready('b', false)
    await loop.look()
    expect(await verdicts()).toBe(2)
    tell('a', { kind: 'unknown' })
    ready('b', true)
    await loop.look()
    expect([await solvedAt(), (await results()).map(({ verdict }) => verdict)]).toEqual([null, ['pass', 'pass']])
    ready('a', false)
    await loop.look()
    expect(await results()).toMatchObject([{ taskId: 'one', verdict: 'notYet' }, { taskId: 'two' }])
    expect(await solvedAt()).toBeNull()
    await loop.stop()
  })

  it('store nothing for a sandbox that is over', async () => {
    await using user = await ownUser()
    const { id, loop, ready, verdicts } = await watching(user.userId)
    await db().sandbox.update({ where: { id }, data: { state: 'ending' } })
    await loop.look()
    ready('a', true)
    await loop.look()
    expect(await verdicts()).toBe(0)
    await loop.stop()
  })
})
