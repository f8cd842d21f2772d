import { expect, it } from 'vitest'
import { contentSecurityPolicy } from '#lib/http/content-security-policy.ts'

it('runs only scripts with the nonce, and nothing evaluated in production', () => {
  const policy = contentSecurityPolicy('abc', { development: false })
  const scripts = policy.split('; ').find((directive) => directive.startsWith('script-src'))
  expect(scripts).toBe("script-src 'self' 'nonce-abc' 'strict-dynamic'")
  expect(policy).toContain("frame-ancestors 'none'")
})

it('lets React rebuild stack traces in development', () => {
  expect(contentSecurityPolicy('abc', { development: true })).toContain("'unsafe-eval'")
})
