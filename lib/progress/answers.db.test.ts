import { randomUUID } from 'node:crypto'
import pino from 'pino'
import { expect, it } from 'vitest'
import { CheckLoop } from '#lib/checks/check-loop.ts'
import { db } from '#lib/db/client.ts'
import { labSchema } from '#lib/labs/schema.ts'
import { breakScene, nameLayer } from '#lib/progress/break-scene.ts'
import { listReports } from '#lib/progress/list-reports.ts'
import { openHint } from '#lib/progress/open-hint.ts'
import { reportCheck } from '#lib/progress/report-check.ts'
import { typeAnswer } from '#lib/progress/type-answer.ts'
import { getSandboxView } from '#lib/sandbox/get-sandbox-view.ts'
import { resetSandbox } from '#lib/sandbox/reset-sandbox.ts'
import { startSandbox } from '#lib/sandbox/start-sandbox.ts'
import { ownUser } from '#lib/sandbox/testing.ts'
import type { ExecPort } from '#lib/terminal/exec-port.ts'

const definition = {
  lab: labSchema.parse({
    machines: [{ name: 'box', profile: 'root' }],
    vars: { word: { pick: ['Red', 'Green', 'Blue', 'Black', 'White'] }, size: { int: [1, 1_000_000] } },
    tasks: [
      { id: 'done', title: 'Done', check: { run: 'checks/done.sh' } },
      {
        id: 'word',
        title: 'The word',
        kind: 'answer',
        prompt: 'Which word of {{ vars.size }}?',
        check: { answer: { oneOf: ['{{ vars.word }}', 'any'], ignoreCase: true } },
      },
      { id: 'ip', title: 'Its address', kind: 'answer', prompt: 'Which?', check: { run: 'checks/ip.sh' } },
    ],
    scenes: {
      dark: ['One', 'Two', 'Three'].map((layer) => ({
        id: layer.toLowerCase(),
        layer,
        run: 'breaks/break.sh',
        mended: 'done',
      })),
    },
    hints: {
      done: ['Size {{ vars.size }}', { when: 'checks/a.sh', text: 'A' }, 'last', { when: 'checks/b.sh', text: 'B' }],
    },
  }),
  scripts: {
    'checks/done.sh': 'done',
    'checks/ip.sh': 'ip',
    'checks/a.sh': 'a',
    'checks/b.sh': 'b',
    'breaks/break.sh': 'break',
  },
}
const loadLab = async () => ({ definition, digest: randomUUID() })

/** An examiner that says what the test says of a script and its environment. */
function examiner(say: (script: string, env: Record<string, string>) => object | undefined): ExecPort {
  return {
    open: async (_target, _command, { onStdout, onEnd }) => ({
      bufferedBytes: 0,
      endInput: () => {},
      pause: () => {},
      resume: () => {},
      close: () => onEnd({ exitCode: null, message: 'closed' }),
      write: (bytes) => {
        const { id, op, script, env } = JSON.parse(Buffer.from(bytes).toString())
        const said = op === 'ping' ? { pong: true, version: '7' } : { verdict: 'not-yet', ...say(script, env) }
        onStdout(Buffer.from(`${JSON.stringify({ id, evidence: '', durationMs: 1, ...said })}\n`))
        // A script for the machine itself ends with its answer.
        if (!op) onEnd({ exitCode: 0, message: '' })
      },
    }),
  }
}

async function ready(userId: string, exec: ExecPort, seed?: string) {
  const labId = `challenges/test-${randomUUID().slice(0, 8)}`
  const { id, attemptId } = await startSandbox({ userId, labId, loadLab, ...(seed && { seed }) })
  await db().sandbox.update({ where: { id }, data: { state: 'ready' } })
  const { vars } = await db().attempt.findUniqueOrThrow({ where: { id: attemptId } })
  const log = pino({ level: 'silent' })
  const sandbox = { id, attemptId, definition, vars: vars as { word: string; size: number } }
  const loop = new CheckLoop({ sandbox, exec, objects: { subscribe: () => () => {} }, log })
  const task = async (name: string) =>
    (await getSandboxView({ userId, sandboxId: id })).tasks.find((each) => each.id === name)
  return { id, labId, attemptId, vars: sandbox.vars, loop, task }
}

it('draws variables once for an attempt, the same for one seed, and keeps them for its next sandbox', async () => {
  await using user = await ownUser()
  await using other = await ownUser()
  const nothing = examiner(() => undefined)
  const [mine, theirs] = [await ready(user.userId, nothing, 'seed'), await ready(other.userId, nothing, 'seed')]
  expect(mine.vars).toEqual(theirs.vars)
  expect((await ready(user.userId, nothing)).vars).not.toEqual(mine.vars)
  await db().hintUse.create({ data: { attemptId: mine.attemptId, taskId: 'done', index: 0 } })
  const fresh = await resetSandbox({ userId: user.userId, sandboxId: mine.id, loadLab })
  expect(fresh.attemptId).toBe(mine.attemptId)
  const { vars } = await db().attempt.findUniqueOrThrow({ where: { id: mine.attemptId } })
  expect(vars).toEqual(mine.vars)
  expect(fresh.tasks[1]?.answer?.prompt).toBe(`Which word of ${mine.vars.size}?`)
  expect(fresh.tasks[0]?.hints).toEqual([`Size ${mine.vars.size}`])
  // Nothing of the lab's text shows a variable: none is sent.
  expect(fresh.vars).toEqual({})
})

it('judges what was typed: the lab’s own words, or a script that is told', async () => {
  await using user = await ownUser()
  const told: unknown[] = []
  const sandbox = await ready(
    user.userId,
    examiner((script, env) => {
      told.push([script, env])
      return script === 'ip' && env.ANSWER === '10.0.0.1' ? { verdict: 'pass', evidence: 'yes' } : undefined
    }),
  )
  const { id: sandboxId, vars, loop, task } = sandbox
  const type = (taskId: string, value: string) => typeAnswer({ userId: user.userId, sandboxId, taskId, value })
  await loop.round()
  expect(await task('word')).toMatchObject({
    verdict: 'not-yet',
    evidence: 'Not answered yet.',
    answer: { value: null },
  })
  expect(told.map((one) => (one as [string])[0])).not.toContain('ip')
  await type('word', '  mauve ')
  expect(await task('word')).toMatchObject({ answer: { value: 'mauve', checking: true } })
  await loop.round()
  expect(await task('word')).toMatchObject({
    verdict: 'not-yet',
    evidence: '“mauve” is not it.',
    answer: { value: 'mauve', checking: false },
  })
  await Promise.all([type('word', vars.word.toLowerCase()), type('ip', '10.0.0.1')])
  await loop.round()
  expect(await task('word')).toMatchObject({ verdict: 'pass' })
  expect(await task('ip')).toMatchObject({ verdict: 'pass', evidence: 'yes' })
  expect(told).toContainEqual(['ip', { VAR_WORD: vars.word, VAR_SIZE: String(vars.size), ANSWER: '10.0.0.1' }])
  await loop.stop()
  const fresh = await resetSandbox({ userId: user.userId, sandboxId, loadLab })
  expect(fresh.tasks[1]?.answer?.value).toBeNull()
})

it('takes no answer that is none, is too long, or is not asked for, and nobody else’s', async () => {
  await using user = await ownUser()
  await using other = await ownUser()
  const { id: sandboxId } = await ready(
    user.userId,
    examiner(() => undefined),
  )
  const type = (taskId: string, value: string, userId = user.userId) => typeAnswer({ userId, sandboxId, taskId, value })
  for (const value of ['', '  ', 'x'.repeat(201), 'a\u0000b', 'a\nb', '\ud800']) {
    await expect(type('word', value)).rejects.toMatchObject({ code: 'bad-request' })
  }
  await expect(type('done', 'a')).rejects.toMatchObject({ code: 'bad-request' })
  await expect(type('none', 'a')).rejects.toMatchObject({ code: 'not-found' })
  await expect(type('word', 'a', other.userId)).rejects.toMatchObject({ code: 'not-found' })
  await db().sandbox.update({ where: { id: sandboxId }, data: { state: 'provisioning' } })
  await expect(type('word', 'a')).rejects.toMatchObject({ code: 'conflict' })
  await db().sandbox.update({ where: { id: sandboxId }, data: { state: 'ended' } })
  await expect(type('word', 'a')).rejects.toMatchObject({ code: 'gone' })
  expect(await db().answer.count({ where: { attempt: { userId: user.userId } } })).toBe(0)
})

it('offers the hint that fits what is there, first', async () => {
  await using user = await ownUser()
  const fits = new Set(['b'])
  const exec = examiner((script) => (fits.has(script) ? { verdict: 'pass' } : undefined))
  const { attemptId, loop, task } = await ready(user.userId, exec)
  const open = (index: number) => openHint({ userId: user.userId, attemptId, taskId: 'done', index })
  expect(await task('done')).toMatchObject({ hintsTotal: 2 })
  await loop.round()
  await loop.stop()
  expect(await task('done')).toMatchObject({ hintsTotal: 3, hints: [] })
  await Promise.all([open(0), open(0)])
  expect((await task('done'))?.hints).toEqual(['B'])
  await open(1)
  await open(2)
  expect((await task('done'))?.hints).toMatchObject(['B', expect.stringMatching(/^Size \d+$/), 'last'])
  await expect(open(3)).rejects.toMatchObject({ userMessage: 'That was the last hint.' })
})

it('keeps one report of a check, with what was said last', async () => {
  await using user = await ownUser()
  await using other = await ownUser()
  const { id: sandboxId, loop } = await ready(
    user.userId,
    examiner(() => ({ verdict: 'not-yet', evidence: 'nothing there' })),
  )
  const report = (taskId: string, text: string, userId = user.userId) =>
    reportCheck({ userId, sandboxId, taskId, text })
  await report('done', 'early')
  expect(await db().checkReport.findFirst({ where: { sandboxId } })).toMatchObject({ verdict: null, judgedAt: null })
  await loop.round()
  await loop.stop()
  await Promise.all([report('done', ' It is there. '), report('done', ' It is there. ')])
  expect(await db().checkReport.findMany({ where: { sandboxId } })).toMatchObject([
    { taskId: 'done', verdict: 'notYet', evidence: 'nothing there', text: 'It is there.' },
  ])
  const { labId } = await db().sandbox.findUniqueOrThrow({ where: { id: sandboxId } })
  const [latest] = await listReports({ labId, limit: 1 })
  expect(latest).toMatchObject({ labId, taskId: 'done', text: 'It is there.' })
  expect(await listReports({ labId: 'challenges/no-such', limit: 1 })).toEqual([])
  await expect(report('none', '')).rejects.toMatchObject({ code: 'not-found' })
  await expect(report('done', '', other.userId)).rejects.toMatchObject({ code: 'not-found' })
})

it('breaks only what works, one fault at a time, and tells nothing of which', async () => {
  await using user = await ownUser()
  await using other = await ownUser()
  const said = new Map<string, object>()
  const { id: sandboxId, loop } = await ready(
    user.userId,
    examiner((script) => said.get(script)),
  )
  const scene = { userId: user.userId, sandboxId, scene: 'dark' }
  const now = async () => (await getSandboxView({ userId: user.userId, sandboxId })).scenes[0]
  expect(await now()).toMatchObject({ state: 'whole', layers: ['One', 'Three', 'Two'] })
  await expect(breakScene(scene)).rejects.toMatchObject({ code: 'conflict' })
  await expect(breakScene({ ...scene, scene: 'none' })).rejects.toMatchObject({ code: 'not-found' })
  await expect(breakScene({ ...scene, scene: '__proto__' })).rejects.toMatchObject({ code: 'not-found' })
  await expect(breakScene({ ...scene, userId: other.userId })).rejects.toMatchObject({ code: 'not-found' })
  said.set('done', { verdict: 'pass' })
  await loop.round()
  await expect(nameLayer({ ...scene, layer: 'One' })).rejects.toMatchObject({ code: 'bad-request' })
  await Promise.all([breakScene(scene), breakScene(scene)])
  const first = await db().fault.findFirstOrThrow({ where: { sandboxId } })
  said.set('break', { status: 0, output: '', durationMs: 1 })
  await loop.round()
  expect(await now()).toMatchObject({ state: 'broken', named: null, right: null })
  await loop.round()
  // It has not shown yet, so it cannot be mended either.
  expect(await now()).toMatchObject({ state: 'broken' })
  const layers = { one: 'One', two: 'Two', three: 'Three' }
  const right = layers[first.faultId as keyof typeof layers]
  for (const layer of Object.values(layers)) {
    expect((await nameLayer({ ...scene, layer })).scenes[0]).toMatchObject({ named: layer, right: layer === right })
  }
  await expect(nameLayer({ ...scene, layer: 'Four' })).rejects.toMatchObject({ code: 'bad-request' })
  said.set('done', { verdict: 'not-yet' })
  await loop.round()
  said.set('done', { verdict: 'pass' })
  await loop.round()
  expect(await now()).toMatchObject({ state: 'mended' })
  said.set('break', { status: 1, output: 'oh', durationMs: 1 })
  await breakScene(scene)
  expect((await db().fault.findFirstOrThrow({ where: { sandboxId } })).faultId).not.toBe(first.faultId)
  await loop.round()
  expect(await now()).toMatchObject({ state: 'failed' })
  await loop.stop()
})
