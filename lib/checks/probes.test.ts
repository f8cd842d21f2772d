import { describe, expect, it } from 'vitest'
import { judgeAnswer } from '#lib/checks/judge-answer.ts'
import { loadScript, probeOf } from '#lib/checks/probes.ts'
import { labSchema } from '#lib/labs/schema.ts'

const vars = { port: 8123, word: 'two words' }
const lab = labSchema.parse({
  kubernetes: { ingress: true },
  machines: [
    { name: 'box', profile: 'root' },
    { name: 'desk', profile: 'kubernetes' },
  ],
  vars: { port: { int: [8000, 8999] }, word: { pick: ['two words', 'one'] } },
  load: [{ id: 'traffic', url: 'http://web:{{ vars.port }}/{{ vars.word }}', rate: '20/s', on: 'desk' }],
  tasks: [
    {
      http: {
        service: 'web',
        port: '{{ vars.port }}',
        path: '/{{ vars.word }}?{{.Name}}',
        header: { Host: '{{ vars.word }}' },
        body: { contains: '{{ vars.port }}' },
      },
    },
    { http: { machine: 'box', port: 80 } },
    { tcp: { machine: 'box', port: 22, open: false } },
    { dns: { name: 'web', type: 'SRV', includes: ['a', 'b'], count: 2 } },
    { dns: { name: 'web', from: 'desk' } },
    { load: { of: 'traffic', atLeast: 100 } },
    { http: { ingress: 'shop-{{ vars.port }}.example', port: 443, path: '/a' } },
  ].map((check, index) => ({ id: `task-${index}`, title: 'Seen', check })),
})
const context = { lab, vars, learnerNamespace: 'dd-1', sysNamespace: 'dd-1-sys', addressOf: async () => '10.0.0.7' }
const probe = (index: number) => {
  const task = lab.tasks[index]
  return task ? probeOf(task, context) : null
}

describe('a probe', () => {
  it('asks a Service from a machine that reaches it, with variables filled in', async () => {
    expect(await probe(0)).toMatchObject({
      machine: 'desk',
      env: {
        P_HOST: 'web.dd-1.svc',
        P_ADDRESSES: '',
        P_PORT: '8123',
        P_PATH: '/two%20words?{{.Name}}',
        P_HEADERS: 'Host: two words',
        P_BODY_KIND: 'contains',
        P_BODY: '8123',
        P_STATUS: '200',
      },
    })
  })

  it('asks a machine in its own network, loopback included', async () => {
    const own = { P_HOST: 'box', P_ADDRESSES: '127.0.0.1,[::1],10.0.0.7' }
    expect(await probe(1)).toMatchObject({ machine: 'box', env: { ...own, P_BODY_KIND: '' } })
    expect(await probe(2)).toMatchObject({ machine: 'box', env: { ...own, P_OPEN: 'false' } })
  })

  it('asks the ingress for a host, from a machine that reaches it', async () => {
    expect(await probe(6)).toMatchObject({
      machine: 'desk',
      env: {
        P_HOST: 'shop-8123.example',
        P_DOOR: 'ingress.dd-1-sys.svc',
        P_PORT: '443',
        P_PATH: '/a',
        P_ADDRESSES: '',
      },
    })
  })

  it('looks names up where it is told to', async () => {
    expect(await probe(3)).toMatchObject({
      machine: 'desk',
      env: { P_TYPE: 'SRV', P_INCLUDES: 'a\nb', P_COUNT: '2' },
    })
    expect(await probe(4)).toMatchObject({ machine: 'desk', env: { P_INCLUDES: '', P_COUNT: '' } })
    expect(await probe(5)).toBeNull()
  })

  it('starts a load, or judges the last of its requests', () => {
    const [load] = lab.load ?? []
    if (!load) throw new Error('no load')
    expect(loadScript(load, context)).toMatchObject({
      machine: 'desk',
      env: { P_URL: 'http://web:8123/two%20words', P_RATE: '20', P_LAST: '0' },
    })
    expect(loadScript(load, context, { atLeast: 100, failed: 1 }).env).toMatchObject({ P_LAST: '100', P_FAILED: '1' })
  })
})

it.each([
  [{ equals: '{{ vars.port }}' }, '8123', 'pass'],
  [{ equals: '{{ vars.port }}' }, '{{ vars.port }}', 'not-yet'],
  [{ equals: 'Web' }, 'web', 'not-yet'],
  [{ equals: 'Web', ignoreCase: true as const }, 'wEB', 'pass'],
  [{ oneOf: ['a', '{{ vars.word }}'] }, 'two words', 'pass'],
  [{ oneOf: ['a', 'b'] }, 'ab', 'not-yet'],
  [{ oneOf: ['a'] }, '', 'not-yet'],
])('an answer that must be %o, typed %s: %s', (check, typed, verdict) => {
  const judged = judgeAnswer(check, typed, vars)
  expect(judged.verdict).toBe(verdict)
  if (verdict === 'not-yet') expect(judged.evidence).toBe(`“${typed}” is not it.`)
})
