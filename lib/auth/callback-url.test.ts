import { expect, it } from 'vitest'
import { safeCallbackPath } from '#lib/auth/callback-url.ts'

it('keeps a path of this site, with its query and hash', () => {
  expect(safeCallbackPath('/challenges/two-namespaces?from=mail#ping')).toBe(
    '/challenges/two-namespaces?from=mail#ping',
  )
})

it.each([
  'https://evil.example/',
  '//evil.example/',
  '/\\evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  '/%2e%2e//evil.example',
  '/..//evil.example',
  'javascript:alert(1)',
  'learn',
  '',
  '/signin',
  '/api/auth/signout',
  `/${'a'.repeat(3000)}`,
  ['/learn', '/me'],
  undefined,
  null,
])('leads nowhere else: %j', (value) => {
  expect(safeCallbackPath(value)).toBe('/')
})
