import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AttachedInfo, TerminalSession } from '#lib/terminal/client.ts'
import { claimClientId } from '#lib/terminal/client-id.ts'
import type { ConnectionState, Refusal } from '#lib/terminal/connection.ts'
import { FakeHolder, ManualClock } from '#lib/terminal/fake-holder.ts'
import { CLOSE, WINDOW_BYTES } from '#lib/terminal/protocol.ts'

function setUp({ refusal = null as Refusal | null, parse = true, typedBefore = '' } = {}) {
  const clock = new ManualClock()
  const holder = new FakeHolder()
  holder.typed = [...text(typedBefore)]
  const seen = {
    output: [] as number[],
    replayed: 0,
    attached: [] as AttachedInfo[],
    states: [] as ConnectionState[],
    exits: [] as number[],
    unparsed: [] as (() => void)[],
  }
  const session = new TerminalSession({
    connect: holder.connect,
    preflight: async () => refusal,
    onOutput: (bytes, replayed, parsed) => {
      seen.output.push(...bytes)
      if (replayed) seen.replayed += bytes.length
      if (parse) parsed()
      else seen.unparsed.push(parsed)
    },
    onAttached: (info) => seen.attached.push(info),
    onExit: (code) => seen.exits.push(code),
    onNotice: () => {},
    onState: (state) => seen.states.push(state),
    size: { cols: 80, rows: 24 },
    clock,
    random: () => 0.5,
  })
  session.start()
  /** Lets everything arrive, for 15 s. */
  const settle = () => {
    for (let round = 0; round < 60; round++) {
      while (holder.step(true) || holder.step(false)) {}
      clock.advance(250)
    }
  }
  return { clock, holder, session, seen, settle }
}

const text = (value: string) => new TextEncoder().encode(value)

describe('terminal session', () => {
  it('loses and repeats nothing over random cuts, in either direction', () => {
    const action = fc.oneof(
      fc.record({ do: fc.constant('print' as const), count: fc.integer({ min: 1, max: 60 }) }),
      fc.record({ do: fc.constant('type' as const), count: fc.integer({ min: 1, max: 20 }) }),
      fc.record({ do: fc.constant('move' as const), downs: fc.array(fc.boolean(), { maxLength: 20 }) }),
      fc.record({ do: fc.constant('cut' as const) }),
      fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 20_000 }) }),
    )
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const { clock, holder, session, seen, settle } = setUp()
        const typed: number[] = []
        let next = 0
        for (const step of actions) {
          if (step.do === 'print') for (let i = 0; i < step.count; i++) holder.output.push(next++ & 255)
          else if (step.do === 'type') {
            const bytes = Uint8Array.from({ length: step.count }, () => next++ & 255)
            typed.push(...bytes)
            expect(session.input(bytes)).toBe(true)
          } else if (step.do === 'move') for (const down of step.downs) holder.step(down)
          else if (step.do === 'cut') holder.cut()
          else clock.advance(step.ms)
        }
        settle()
        expect(seen.output).toEqual(holder.output)
        expect(holder.typed).toEqual(typed)
        expect(session.state.kind).toBe('good')
      }),
      { numRuns: 300 },
    )
  })

  it('lets at most a window stay unacknowledged, and goes on when the screen has caught up', () => {
    const { holder, seen, settle } = setUp({ parse: false })
    holder.batchBytes = 32 * 1024
    holder.output = Array(WINDOW_BYTES * 2).fill(0x61)
    settle()
    expect(seen.output.length).toBe(WINDOW_BYTES)
    while (seen.unparsed.length > 0) {
      for (const parsed of seen.unparsed.splice(0)) parsed()
      settle()
    }
    expect(seen.output.length).toBe(WINDOW_BYTES * 2)
    expect(holder.maxOutstanding).toBeLessThanOrEqual(WINDOW_BYTES)
  })

  it('marks what was there before the attach as replay, to the byte', () => {
    const { holder, seen, settle } = setUp()
    holder.output.push(1, 2)
    settle()
    expect(seen.replayed).toBe(0)
    holder.cut()
    holder.output.push(3, 4, 5)
    settle()
    expect([seen.output, seen.replayed]).toEqual([[1, 2, 3, 4, 5], 3])
  })

  it('says how much passed unseen beyond the ring', () => {
    const { clock, holder, seen, settle } = setUp()
    holder.output.push(...Array(10).fill(1))
    settle()
    holder.cut()
    holder.ringBytes = 8
    holder.output.push(...Array(20).fill(2))
    clock.advance(1000)
    settle()
    expect(seen.attached.at(-1)).toMatchObject({ missedBytes: 12, reset: false })
    expect(seen.output.length).toBe(18)
  })

  it('begins anew, and types nothing old, when the machine was replaced', () => {
    const { clock, holder, session, seen, settle } = setUp()
    holder.output.push(1, 2, 3)
    session.input(text('ls\n'))
    settle()
    holder.cut()
    session.input(text('half'))
    holder.replace()
    clock.advance(1000)
    settle()
    expect(seen.attached.at(-1)).toMatchObject({ reset: true })
    expect(holder.typed).toEqual([])
    session.input(text('new'))
    settle()
    expect(holder.typed).toEqual([...text('new')])
  })

  it('takes up the numbering of an earlier page with the same client id', () => {
    const { holder, session, settle } = setUp({ typedBefore: 'before the reload ' })
    session.input(text('after'))
    settle()
    expect(new TextDecoder().decode(Uint8Array.from(holder.typed))).toBe('before the reload after')
  })

  it('tells the holder the last size, also one that changed while away', () => {
    const { clock, holder, session, settle } = setUp()
    settle()
    holder.cut()
    session.resize(100, 30)
    clock.advance(1000)
    settle()
    expect(holder.sizes).toEqual(['80x24', '100x30'])
  })

  it('retries with growing, jittered waits for as long as it takes', async () => {
    const { clock, holder, seen } = setUp()
    holder.refuse = true
    holder.cut()
    const waits: number[] = []
    for (let round = 0; round < 8; round++) {
      const last = seen.states.at(-1)
      if (last?.kind !== 'reconnecting') throw new Error(`not reconnecting but ${last?.kind}`)
      waits.push(last.retryAt - clock.now())
      clock.advance(last.retryAt - clock.now())
      await Promise.resolve()
    }
    expect(waits).toEqual([0, 187.5, 375, 750, 1500, 3000, 3750, 3750])
  })

  it('ends when the gateway refuses for good, and not when it may yet change its mind', async () => {
    for (const [status, kind] of [
      [410, 'ended'],
      [503, 'reconnecting'],
    ] as const) {
      const { holder, session, clock } = setUp({ refusal: { status, code: 'c', message: 'm' } })
      holder.refuse = true
      holder.cut()
      clock.advance(300)
      for (let turn = 0; turn < 5; turn++) await Promise.resolve()
      expect(session.state.kind).toBe(kind)
    }
  })

  it('ends with the reason that came before the close', () => {
    const { holder, session, settle } = setUp()
    settle()
    holder.say({ type: 'error', error: { code: 'gone', message: 'The time is up.' } })
    settle()
    holder.cut(CLOSE.gone)
    expect(session.state).toEqual({ kind: 'ended', code: 'gone', reason: 'The time is up.' })
    expect(session.input(text('x'))).toBe(false)
  })

  it('shows a silent connection as slow, then gives it up and comes back', () => {
    const { clock, holder, session, settle } = setUp()
    settle()
    holder.silent = true
    clock.advance(7_500)
    expect(session.state.kind).toBe('slow')
    clock.advance(15_000)
    expect(holder.attaches).toBeGreaterThan(1)
    holder.silent = false
    settle()
    expect(session.state.kind).toBe('good')
  })

  it('gives up a connection that talks nonsense', () => {
    const { holder, session, settle } = setUp()
    settle()
    holder.say({ type: 'output', offset: 99, bytes: text('from nowhere') })
    holder.step(true)
    expect(session.state.kind).toBe('reconnecting')
  })

  it('refuses input past its limit instead of losing it', () => {
    const { session } = setUp()
    expect(session.input(new Uint8Array(1024 * 1024 + 1))).toBe(false)
    expect(session.input(text('x'))).toBe(true)
  })

  it('leaves nothing behind when stopped', () => {
    const { clock, holder, session, seen, settle } = setUp()
    settle()
    session.stop()
    const states = seen.states.length
    clock.advance(60_000)
    expect([holder.connected, seen.states.length]).toEqual([false, states])
  })
})

describe('client id', () => {
  it('survives a reload and is never shared by two pages', () => {
    const values = new Map<string, string>()
    const store = {
      getItem: (key: string) => values.get(key) ?? null,
      setItem: (key: string, value: string) => void values.set(key, value),
      removeItem: (key: string) => void values.delete(key),
    }
    const first = claimClientId(store, 'a')
    const duplicate = claimClientId(store, 'a')
    expect(duplicate.id).not.toBe(first.id)
    first.release()
    expect(claimClientId(store, 'a').id).toBe(first.id)
  })
})
