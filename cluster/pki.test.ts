import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AUTHORITIES, certificateRequests, createPki, opensslConfig } from './pki.ts'

test('only the administrator is of system:masters; the kubelet is its node', () => {
  const requests = certificateRequests('node1', '10.231.7.2')
  expect(requests.filter(({ o }) => o === 'system:masters').map(({ name }) => name)).toEqual(['admin'])
  expect(requests.find(({ name }) => name === 'kubelet')).toMatchObject({ cn: 'system:node:node1', o: 'system:nodes' })
  expect(new Set(requests.map(({ name }) => name)).size).toBe(requests.length)
})

test('an ordinary certificate is no authority', () => {
  expect(opensslConfig({ cn: 'x', usages: ['clientAuth'] })).toContain('CA:FALSE')
  expect(opensslConfig({ cn: 'x', usages: [], authority: true })).toContain('CA:TRUE')
})

describe('as issued', () => {
  let dir: string
  const certificate = (name: string) => new X509Certificate(readFileSync(join(dir, `${name}.crt`)))

  beforeAll(async () => {
    dir = join(mkdtempSync(join(tmpdir(), 'drydock-pki-')), 'pki')
    await createPki(dir, 'node1', '10.231.7.2')
  }, 30_000)
  afterAll(() => rmSync(join(dir, '..'), { recursive: true }))

  test('each is signed by its authority, and by no other', () => {
    for (const { name, ca } of certificateRequests('node1', '10.231.7.2')) {
      for (const authority of AUTHORITIES) {
        expect(certificate(name).verify(certificate(authority).publicKey), `${name} by ${authority}`).toBe(
          authority === ca,
        )
      }
    }
  })

  test('the API server answers to its service, its address and no stranger’s name', () => {
    expect(certificate('apiserver').checkIP('10.96.0.1')).toBeDefined()
    expect(certificate('apiserver').checkIP('10.231.7.2')).toBeDefined()
    expect(certificate('apiserver').checkHost('kubernetes.default.svc')).toBeDefined()
    expect(certificate('apiserver').checkHost('example.com')).toBeUndefined()
  })

  test('keys are for root alone', () => {
    for (const name of [...AUTHORITIES, 'admin', 'apiserver', 'sa'])
      expect(statSync(join(dir, `${name}.key`)).mode & 0o777).toBe(0o600)
  })
})
