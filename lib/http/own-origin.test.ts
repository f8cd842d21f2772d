import { expect, it } from 'vitest'
import { assertOwnOrigin, isOwnOrigin } from '#lib/http/own-origin.ts'

const site = 'http://127.0.0.1:4200'

it.each(['http://127.0.0.1:4200', 'http://localhost:4200', 'http://[::1]:4200'])('knows itself as %s', (origin) => {
  expect(isOwnOrigin(origin, site)).toBe(true)
})

it.each([
  'http://127.0.0.1:4201',
  'https://127.0.0.1:4200',
  'http://evil.example:4200',
  'http://127.0.0.1.evil.example:4200',
  'http://lab.localhost:4200',
  'http://0-sandbox1.lab.localhost:4200',
  'null',
  '',
  null,
])('is not %s', (origin) => {
  expect(isOwnOrigin(origin, site)).toBe(false)
})

it('takes no loopback name for a public site', () => {
  expect(isOwnOrigin('https://localhost', 'https://learn.example')).toBe(false)
})

it.each([
  [{ origin: site }, true],
  [{ origin: site, 'sec-fetch-site': 'same-origin' }, true],
  [{ 'sec-fetch-site': 'same-origin' }, true],
  [{}, false],
  [{ 'sec-fetch-site': 'none' }, false],
  [{ 'sec-fetch-site': 'same-site' }, false],
  // A page of a machine, from the host of its preview; browsers call it another site, or the same where domains are near.
  [{ origin: 'http://0-sandbox1.lab.localhost:4200', 'sec-fetch-site': 'cross-site' }, false],
  [{ origin: 'http://0-sandbox1.lab.localhost:4200', 'sec-fetch-site': 'same-site' }, false],
  [{ origin: 'http://evil.example', 'sec-fetch-site': 'same-origin' }, false],
  [{ origin: site, 'sec-fetch-site': 'cross-site' }, false],
])('a write with %j: %s', (headers, allowed) => {
  const check = () => assertOwnOrigin(new Headers(headers as Record<string, string>), site)
  if (allowed) expect(check).not.toThrow()
  else expect(check).toThrow(expect.objectContaining({ code: 'forbidden' }))
})
