import { expect, test } from 'vitest'
import { planOf } from '#lib/proof/plan.ts'
import { faultCase } from '#lib/proof/prove-case.ts'
import { runPlan } from '#lib/proof/run-plan.ts'
import { FakePort, SHORT, says, script, testLab, testProof, type World, whenTyped } from '#lib/proof/testing.ts'

const lab = testLab('one', 'tidy!')
const wrongOf = (text: string, evidence: string) => ({
  script: script(text, lab, 'wrong/one--other.sh'),
  task: 'one',
  evidence,
})
const good = testProof(lab, 'make one\n#@ wait one', [wrongOf('make other', 'no make one')])
const world = (changes: Partial<World> = {}): World => ({
  judge: { one: whenTyped('make one'), tidy: () => says('pass') },
  ...changes,
})

async function run(makeWorld: () => World, proof = good, rounds = 1) {
  const port = new FakePort(makeWorld)
  const told: string[] = []
  const options = { port, patience: SHORT, signal: new AbortController().signal, atOnce: 2 }
  const results = await runPlan(planOf([proof], rounds), {
    ...options,
    onStep: (_, step) => void told.push(step),
    onResult: () => {},
  })
  const failures = Object.fromEntries(results.flatMap(({ name, failure }) => (failure ? [[name, failure]] : [])))
  return { results, failures, port, told }
}

test('a good lab: the solution twice with other variables, and each wrong/; every sandbox is ended', async () => {
  const { results, failures, port } = await run(() => world(), good, 2)
  expect(failures).toEqual({})
  expect(results.map(({ name, round }) => `${name} ${round}`)).toEqual([
    'solution, first 1',
    'solution, second 1',
    'wrong/one--other.sh 1',
    'solution, first 2',
    'solution, second 2',
    'wrong/one--other.sh 2',
  ])
  expect(new Set(port.seeds).size).toBe(4)
  expect(port.ended).toBe(6)
  expect(results[0]?.evidence).toEqual({ one: 'seen', tidy: '' })
})

test.each<[string, Partial<World>, string, string]>([
  [
    'a task that a fresh sandbox passes',
    { judge: { one: () => says('pass', 'by luck') } },
    'solution, first',
    'one passes in a sandbox that nobody has touched: by luck',
  ],
  [
    'a check that is broken',
    { judge: { one: () => says('broken', 'exit 7') } },
    'solution, first',
    'the check of one is broken in a fresh sandbox: exit 7',
  ],
  [
    'a check that never says anything',
    { judge: { one: () => says(null) } },
    'solution, first',
    'a fresh sandbox was not judged',
  ],
  [
    'a solution that does not solve',
    { judge: { one: () => says('not-yet', 'never') } },
    'solution, first',
    'task one did not pass within 0 s',
  ],
  [
    'a line that never gives its prompt back',
    { print: () => null, judge: { one: () => says('not-yet', 'no make') } },
    'wrong/one--other.sh',
    'one was not told "no make one"',
  ],
  [
    'a wrong/ that passes',
    { judge: { one: (typed) => (typed.length > 0 ? says('pass', 'all the same') : says('not-yet', 'no')) } },
    'wrong/one--other.sh',
    'one was not told "no make one"',
  ],
  ['what is left', { left: ['dd-x'] }, 'wrong/one--other.sh', 'left in the cluster: dd-x'],
])('%s fails', async (_, changes, name, message) => {
  const { failures, port } = await run(() => world(changes))
  expect(failures[name]?.message).toContain(message)
  expect(port.ended).toBe(3)
})

test('a wrong/ that is told its misconception on the way to passing fails', async () => {
  const makeWorld = () => {
    let looks = 0
    return world({ judge: { one: () => (looks++ < 2 ? says('not-yet', 'no make one') : says('pass', 'in the end')) } })
  }
  const { failures } = await run(makeWorld)
  expect(Object.values(failures).map(({ message }) => message)).toContain('one passes: in the end')
})

const withPage = testProof(
  { ...lab, ports: [{ machine: 'box', port: '{{ vars.port }}', title: 'The page' }] },
  'make one\n#@ wait one',
)

test('each declared port must show a page once the lab is solved', async () => {
  // It may take a moment; what is not found is an answer, too.
  const late = await run(() => world({ port: (_index, time) => (time < 3 ? 502 : 404) }), withPage)
  expect(late.failures).toEqual({})
  const { failures } = await run(() => world({ port: () => 502 }), withPage)
  expect(failures['solution, first']?.message).toBe(
    '"The page", port {{ vars.port }} of box, did not answer in the browser: its last status was 502 within 0 s',
  )
  const { failures: wrongs } = await run(() => world({ port: () => 502 }), good)
  expect(wrongs).toEqual({})
})

test('a failure shows the screen and what the examiner says', async () => {
  const hangs = testProof(lab, 'hang\nmake one')
  const print = (line: string) => (line === 'hang' ? null : '')
  const { failures } = await run(() => world({ print }), hangs)
  const { message, detail } = failures['solution, first'] ?? { message: '', detail: '' }
  expect(message).toBe('the prompt did not come back after "hang" within 0 s')
  expect(detail).toContain('── box main ──\nWelcome\nroot@box:~# hang\nworking')
  expect(detail).toContain('one: not-yet · no make one')
})

test('keys end what runs in the foreground, and an answer may be what a command prints', async () => {
  const proof = testProof(lab, 'serve\n#@ see working\n#@ keys C-c\n#@ answer one $(hostname)\n#@ wait one')
  const print = (line: string) => (line === 'serve' ? null : line === 'hostname' ? '10.0.0.1\r\n' : '')
  const judge = { one: whenTyped('one=10.0.0.1') }
  expect((await run(() => world({ print, judge }), proof)).failures).toEqual({})
})

test('aborting ends what runs and rejects', async () => {
  const stopping = new AbortController()
  const port = new FakePort(() => world({ judge: { one: () => says('not-yet') } }))
  const options = { port, patience: { ...SHORT, verdictMs: 60_000 }, atOnce: 1, onStep: () => stopping.abort() }
  const running = runPlan(planOf([good], 1), { ...options, signal: stopping.signal, onResult: () => {} })
  await expect(running).rejects.toThrow('aborted')
  expect(port.ended).toBe(1)
})

test('a fault of a scene must be seen by its task, and what mends it must mend it', async () => {
  const judge = (typed: string[]) =>
    typed.includes('break dark end') && typed.at(-1) !== 'mend' ? says('not-yet', 'dark') : whenTyped('make one')(typed)
  const mend = { scene: 'dark', fault: 'end', mended: 'one' }
  const run = async (text: string | null, sees: boolean) => {
    const port = new FakePort(() => world({ judge: { one: sees ? judge : whenTyped('make one') } }))
    const what = faultCase(good, { ...mend, script: text === null ? null : script(text, lab) }, 'seed')
    const options = { port, patience: SHORT, signal: new AbortController().signal, atOnce: 1 }
    const plan = [{ proof: good, what, round: 1 }]
    const [result] = await runPlan(plan, { ...options, onStep: () => {}, onResult: () => {} })
    return result?.failure?.message ?? 'proven'
  }
  expect(await run('mend', true)).toBe('proven')
  expect(await run(null, true)).toBe('proven')
  expect(await run('other', true)).toBe('it was not mended within 0 s')
  expect(await run('mend', false)).toBe('one did not fall within 0 s')
})
