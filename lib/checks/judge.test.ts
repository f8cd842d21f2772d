import { describe, expect, it } from 'vitest'
import type { VerdictWord } from '#lib/checks/evaluate.ts'
import { Judge } from '#lib/checks/judge.ts'
import { labSchema } from '#lib/labs/schema.ts'
import type { JudgedEvaluation } from '#lib/progress/record-results.ts'

const task = (id: string, rest: object = {}) => ({ id, title: id, ...rest })
const watched = (id: string, rest: object = {}) =>
  task(id, { check: { kubernetes: { get: `pods/${id}`, cel: 'true' } }, ...rest })
const scripted = (id: string, rest: object = {}) => task(id, { check: { run: 'checks/up.sh' }, ...rest })

/** A judge over a cluster that is a Map: what is not in it is unknown. */
function court(
  tasks: object[],
  { passedHere = [] as string[], earlier }: { passedHere?: string[]; earlier?: Judge } = {},
) {
  const lab = labSchema.parse({ kubernetes: {}, tasks })
  const cluster = new Map<string, VerdictWord>()
  const lost = new Set<string>()
  let ms = 0
  const evaluation = (taskId: string, verdict: VerdictWord, continuous?: boolean): JudgedEvaluation => ({
    taskId,
    verdict,
    evidence: '',
    at: new Date(ms),
    ...(continuous === undefined ? {} : { continuous }),
    durationMs: 0,
    checkerVersion: 'test',
  })
  const judge = new Judge({
    tasks: lab.tasks,
    states: earlier ? new Map(earlier.states) : new Map(),
    passedHere: new Set(passedHere),
    look: ({ id }) => {
      const verdict = cluster.get(id)
      return verdict ? evaluation(id, verdict, !lost.delete(id)) : null
    },
    now: () => ms,
  })
  const take = (round: JudgedEvaluation[] | null) => {
    const judged = judge.judge(round)
    judged.accept()
    return judged
  }
  return {
    judge,
    wait: (length: number) => {
      ms += length
    },
    see: (seen: Record<string, VerdictWord>) => {
      for (const [id, verdict] of Object.entries(seen)) cluster.set(id, verdict)
    },
    lose: (id: string) => {
      cluster.delete(id)
      lost.add(id)
    },
    look: () => take(null),
    round: (said: VerdictWord = 'pass') => take(judge.dueScripts.map(({ id }) => evaluation(id, said))),
  }
}
const verdicts = (judged: { changed: { taskId: string; verdict: string }[] }) =>
  judged.changed.map(({ taskId, verdict }) => `${taskId} ${verdict}`)

describe('a lab of Kubernetes checks', () => {
  it('is solved at the first look that sees all of them pass, through any chain of needs', () => {
    const { see, look } = court([watched('c', { needs: ['b'] }), watched('b', { needs: ['a'] }), watched('a')])
    see({ a: 'not-yet', b: 'pass', c: 'pass' })
    expect(look()).toMatchObject({ solved: false, changed: [{ taskId: 'a' }] })
    see({ a: 'pass' })
    const judged = look()
    expect([verdicts(judged), judged.solved]).toEqual([['a pass', 'b pass', 'c pass'], true])
  })

  it('stores only what changed', () => {
    const { see, look } = court([watched('a'), watched('b')])
    see({ a: 'pass', b: 'not-yet' })
    expect(look().evaluations).toHaveLength(2)
    expect(look()).toMatchObject({ evaluations: [], changed: [], soon: false })
    see({ b: 'pass' })
    expect(look().evaluations.map(({ taskId }) => taskId)).toEqual(['b'])
  })

  it('keeps verdicts while nothing is known, and solves nothing by them', () => {
    const { see, look, lose } = court([watched('a'), watched('b')])
    see({ a: 'pass', b: 'not-yet' })
    look()
    lose('a')
    see({ b: 'pass' })
    expect(look()).toMatchObject({ solved: false, changed: [{ taskId: 'b', verdict: 'pass' }] })
    see({ a: 'not-yet' })
    expect(look()).toMatchObject({ solved: false, changed: [{ taskId: 'a', verdict: 'not-yet' }] })
  })

  it('knows until when a task was true: now, or, after a gap, when it was last seen', () => {
    const { see, look, lose, wait } = court([watched('a')])
    see({ a: 'pass' })
    look()
    wait(60_000)
    see({ a: 'not-yet' })
    expect(look().changed).toMatchObject([{ passedUntil: new Date(60_000) }])
    see({ a: 'pass' })
    look()
    wait(5000)
    lose('a')
    look()
    see({ a: 'not-yet' })
    expect(look().changed).toMatchObject([{ passedUntil: new Date(60_000) }])
  })

  it('does not move before it is accepted', () => {
    const { judge, see } = court([watched('a')])
    see({ a: 'pass' })
    expect([judge.judge(null).changed.length, judge.judge(null).changed.length]).toEqual([1, 1])
  })
})

describe('a lab of scripts and Kubernetes checks', () => {
  const both = [scripted('s'), watched('k')]

  it('is solved by two rounds on end, and by no look alone', () => {
    const { see, look, round } = court(both)
    see({ k: 'pass' })
    expect([look().solved, round().solved, look().solved, round().solved]).toEqual([false, false, false, true])
  })

  it('begins anew when an object did not hold between the rounds', () => {
    const { see, look, round } = court(both)
    see({ k: 'pass' })
    round()
    see({ k: 'not-yet' })
    look()
    see({ k: 'pass' })
    look()
    expect([round().solved, round().solved]).toEqual([false, true])
  })

  it('begins anew when an object was out of sight between the rounds', () => {
    const { see, look, lose, round } = court(both)
    see({ k: 'pass' })
    round()
    lose('k')
    look()
    see({ k: 'pass' })
    expect([round().solved, round().solved]).toEqual([false, true])
  })

  it('runs a script as soon as the object that it needs is there', () => {
    const { judge, see, look } = court([scripted('s', { needs: ['k'] }), watched('k')])
    expect(judge.dueScripts).toEqual([])
    see({ k: 'pass' })
    expect(look().soon).toBe(true)
    expect(judge.dueScripts.map(({ id }) => id)).toEqual(['s'])
  })
})

describe('a chain of scripts', () => {
  const chain = [scripted('a'), scripted('b', { needs: ['a'] }), scripted('c', { needs: ['b'] }), scripted('other')]
  const due = ({ judge }: ReturnType<typeof court>) => judge.dueScripts.map(({ id }) => id)

  it('runs at once only what has become ready, then all of them twice before the lab is solved', () => {
    const asked = court(chain)
    const rounds: [string[], boolean, boolean][] = []
    for (let n = 0; n < 5; n++) {
      const ids = due(asked)
      const { soon, solved } = asked.round()
      rounds.push([ids, soon, solved])
    }
    expect(rounds).toEqual([
      [['a', 'other'], true, false],
      [['b'], true, false],
      [['c'], true, false],
      [['a', 'b', 'c', 'other'], true, false],
      [['a', 'b', 'c', 'other'], false, true],
    ])
  })

  it('runs all that are ready in the next round when nothing has become ready', () => {
    const asked = court(chain)
    asked.round()
    expect(asked.round('not-yet')).toMatchObject({ soon: false, turned: true, changed: [{ taskId: 'b' }] })
    expect(due(asked)).toEqual(['a', 'b', 'other'])
  })
})

describe('stableFor', () => {
  const stable = [watched('a', { mode: { stableFor: '5s' } })]

  it('passes once it held for so long without a break', () => {
    const { see, look, wait } = court(stable)
    see({ a: 'pass' })
    expect(look()).toMatchObject({
      solved: false,
      againInMs: 5000,
      changed: [{ verdict: 'not-yet', evidence: 'It must stay so for 5s.' }],
    })
    wait(4999)
    expect(look()).toMatchObject({ solved: false, againInMs: 1 })
    wait(1)
    expect(look()).toMatchObject({ solved: true, againInMs: null, changed: [{ verdict: 'pass' }] })
  })

  it('counts anew after a break, however short, and after a time out of sight', () => {
    const { see, look, lose, wait } = court(stable)
    see({ a: 'pass' })
    look()
    wait(4000)
    see({ a: 'not-yet' })
    look()
    see({ a: 'pass' })
    expect(look().againInMs).toBe(5000)
    wait(4000)
    lose('a')
    look()
    see({ a: 'pass' })
    expect(look().againInMs).toBe(5000)
  })

  it('keeps a pass through a time out of sight, and ends it at once when it is over', () => {
    const { see, look, lose, wait } = court(stable)
    see({ a: 'pass' })
    look()
    wait(5000)
    look()
    lose('a')
    look()
    see({ a: 'pass' })
    expect(look()).toMatchObject({ changed: [], againInMs: null, solved: true })
    see({ a: 'not-yet' })
    expect(verdicts(look())).toEqual(['a not-yet'])
  })

  it('goes on where an earlier process stopped', () => {
    const earlier = court(stable)
    earlier.see({ a: 'pass' })
    earlier.look()
    earlier.wait(5000)
    earlier.look()
    const later = court(stable, { passedHere: ['a'], earlier: earlier.judge })
    later.see({ a: 'pass' })
    expect(later.look()).toMatchObject({ changed: [], solved: true })
    const reset = court(stable, { earlier: earlier.judge })
    reset.see({ a: 'pass' })
    expect(reset.look()).toMatchObject({ solved: false, againInMs: 5000 })
  })

  it('is for scripts, too', () => {
    const { round, wait } = court([scripted('s', { mode: { stableFor: '2s' } })])
    round()
    wait(1000)
    expect(verdicts(round())).toEqual([])
    wait(1000)
    expect(verdicts(round())).toEqual(['s pass'])
    expect(verdicts(round('broken'))).toEqual([])
    expect(verdicts(round('not-yet'))).toEqual(['s not-yet'])
  })
})

describe('once', () => {
  const tasks = [watched('a', { mode: { once: true } }), watched('b')]

  it('keeps a passing moment until the others hold', () => {
    const { see, look } = court(tasks)
    see({ a: 'pass', b: 'not-yet' })
    look()
    see({ a: 'not-yet' })
    expect(look().changed).toEqual([])
    see({ b: 'pass' })
    expect(look().solved).toBe(true)
  })

  it('keeps nothing from an earlier sandbox of the attempt', () => {
    const earlier = court(tasks)
    earlier.see({ a: 'pass' })
    earlier.look()
    const reset = court(tasks, { earlier: earlier.judge })
    reset.see({ a: 'not-yet', b: 'pass' })
    const judged = reset.look()
    expect([verdicts(judged), judged.solved]).toEqual([['a not-yet', 'b pass'], false])
    const restarted = court(tasks, { passedHere: ['a'], earlier: earlier.judge })
    restarted.see({ a: 'not-yet', b: 'pass' })
    expect(restarted.look().solved).toBe(true)
  })

  it('a moment that is seen again in a fresh sandbox is stored there', () => {
    const earlier = court(tasks)
    earlier.see({ a: 'pass' })
    earlier.look()
    const reset = court(tasks, { earlier: earlier.judge })
    reset.see({ a: 'pass' })
    expect(reset.look()).toMatchObject({ changed: [], evaluations: [{ taskId: 'a', verdict: 'pass' }] })
  })
})

it('looks again at a check that is broken, though nothing changes', () => {
  const { look, see } = court([watched('a')])
  see({ a: 'broken' })
  expect(look().againInMs).toBe(2000)
  see({ a: 'pass' })
  look()
  expect(look().againInMs).toBeNull()
})
