import { expect, it } from 'vitest'
import { labSchema } from '#lib/labs/schema.ts'
import { previewOf } from '#lib/previews/find-preview.ts'
import { openPass, sealPass } from '#lib/previews/pass.ts'
import { isPreviewHost, previewHost, previewPlace, sharesCookies } from '#lib/previews/preview-host.ts'
import { namespacesOf } from '#lib/sandbox/names.ts'

const DOMAIN = 'lab.localhost:4200'

it('reads the hosts that it writes', () => {
  const place = { sandboxId: 'cmabc123', index: 3 }
  expect(previewHost(place, DOMAIN)).toBe('3-cmabc123.lab.localhost:4200')
  expect(previewPlace(previewHost(place, DOMAIN), DOMAIN)).toEqual(place)
  expect(previewPlace('3-CMABC123.Lab.Localhost:4200', DOMAIN)).toEqual(place)
})

it.each([
  'lab.localhost:4200',
  'cmabc123.lab.localhost:4200',
  '-cmabc123.lab.localhost:4200',
  '10-cmabc123.lab.localhost:4200',
  '0-.lab.localhost:4200',
  '0-a.b.lab.localhost:4200',
  `0-${'a'.repeat(41)}.lab.localhost:4200`,
])('knows %s for a place of previews, and of none', (host) => {
  expect(isPreviewHost(host, DOMAIN)).toBe(true)
  expect(previewPlace(host, DOMAIN)).toBeNull()
})

it.each([
  'localhost:4200',
  '0-a.lab.localhost',
  '0-a.lab.localhost:42000',
  '0-a.evil-lab.localhost:4200',
  '',
  undefined,
])('knows %s for no place of previews', (host) => {
  expect(isPreviewHost(host, DOMAIN)).toBe(false)
  expect(previewPlace(host, DOMAIN)).toBeNull()
})

it('knows no host for a preview where there are none', () => {
  expect(isPreviewHost('', '')).toBe(false)
  expect(isPreviewHost('learn.example', '')).toBe(false)
})

it('knows which names share cookies', () => {
  expect(sharesCookies('a.example', 'a.example')).toBe(true)
  expect(sharesCookies('x.a.example', 'a.example')).toBe(true)
  expect(sharesCookies('a.example', 'x.a.example')).toBe(true)
  expect(sharesCookies('b.example', 'a.example')).toBe(false)
  expect(sharesCookies('ba.example', 'a.example')).toBe(false)
  expect(sharesCookies('lab.localhost', 'localhost')).toBe(false)
})

const pass = { host: 'h', userId: 'u', sessionId: 's', sandboxId: 'b' }
const secret = 'x'.repeat(32)

it('opens what it sealed, until its time is over', () => {
  const ticket = sealPass('ticket', pass, { secret, now: 1000 })
  expect(openPass('ticket', ticket, { secret, now: 20_999, host: 'h' })).toMatchObject(pass)
  expect(openPass('ticket', ticket, { secret, now: 21_000, host: 'h' })).toBeNull()
  expect(openPass('cookie', ticket, { secret, now: 1000, host: 'h' })).toBeNull()
  expect(openPass('ticket', ticket, { secret, now: 1000, host: 'i' })).toBeNull()
  expect(openPass('ticket', ticket, { secret: 'y'.repeat(32), now: 1000, host: 'h' })).toBeNull()
  const again = sealPass('ticket', pass, { secret, now: 1000 })
  expect(again).not.toBe(ticket)
})

it('opens nothing in which a byte was changed', () => {
  const ticket = sealPass('ticket', pass, { secret, now: 0 })
  for (let at = 0; at < ticket.length; at++) {
    // The last sign of base64 has bits that say nothing.
    const other = ticket[at] === 'A' ? 'Q' : 'A'
    const changed = `${ticket.slice(0, at)}${other}${ticket.slice(at + 1)}`
    if (
      Buffer.from(changed.split('.')[1] ?? '', 'base64url').equals(Buffer.from(ticket.split('.')[1] ?? '', 'base64url'))
    )
      if (changed.split('.')[0] === ticket.split('.')[0]) continue
    expect(openPass('ticket', changed, { secret, now: 0, host: 'h' }), changed).toBeNull()
  }
})

const tasks = [{ id: 'one', title: 'One', check: { run: 'checks/one.sh' } }]

it('dials a machine from beside it, and a Service from where it is reached', () => {
  const { sys, learner } = namespacesOf('s1')
  const lab = labSchema.parse({
    kubernetes: {},
    machines: [
      { name: 'box', profile: 'root' },
      { name: 'desk', profile: 'kubernetes' },
      { name: 'other', profile: 'kubernetes' },
    ],
    vars: { port: { int: [8000, 8999] } },
    tasks: tasks.map((task) => ({ ...task, on: 'box' })),
    ports: [
      { machine: 'box', port: '{{ vars.port }}', title: 'The page' },
      { service: 'web', port: 80, title: 'The shop' },
      { service: 'web', port: 81, title: 'Its back door', from: 'other' },
    ],
  })
  const found = lab.ports?.map((port) => previewOf({ port, lab, vars: { port: 8123 }, sandboxId: 's1' }))
  expect(found).toEqual([
    {
      title: 'The page',
      port: '8123',
      of: 'box',
      address: ':8123',
      target: { namespace: sys, pod: 'box', container: 'examiner' },
    },
    {
      title: 'The shop',
      port: '80',
      of: 'Service web',
      address: `web.${learner}.svc:80`,
      target: { namespace: sys, pod: 'desk', container: 'examiner' },
    },
    {
      title: 'Its back door',
      port: '81',
      of: 'Service web',
      address: `web.${learner}.svc:81`,
      target: { namespace: sys, pod: 'other', container: 'examiner' },
    },
  ])
})
