import { expect, test } from 'vitest'
import { openingsOf } from '#lib/labs/egress.ts'
import { isIpv4, isPrefix, isPublic, isWithin } from '#lib/labs/ipv4.ts'
import { labSchema } from '#lib/labs/schema.ts'

const parsed = (egress: unknown) =>
  labSchema.safeParse({
    machines: [{ name: 'box', profile: 'root' }],
    tasks: [{ id: 'up', title: 'It is up', check: { run: 'checks/up.sh' } }],
    egress,
  })

test('hosts have the ports of the web, or their own', () => {
  const { data } = parsed(['pypi.example', '203.0.113.10', { host: 'git.example', ports: [22, 9418] }])
  expect(openingsOf(data?.egress)).toEqual([
    { host: 'pypi.example', ports: [80, 443] },
    { host: '203.0.113.10', ports: [80, 443] },
    { host: 'git.example', ports: [22, 9418] },
  ])
  expect(openingsOf(undefined)).toEqual([])
})

test.each([
  ['https://pypi.example', 'without "https://"'],
  ['pypi.example/simple', 'without a path'],
  ['*.pypi.example', 'opens no "*"'],
  ['2001:db8::1', 'machines have no IPv6'],
  ['pypi.example:8443', 'its ports beside it'],
  ['PyPI.example', 'lower case'],
  ['localhost', 'the full name'],
  ['1.2.3', 'the full name'],
  ['01.2.3.4', 'the full name'],
  ['10.0.0.1', 'a public address'],
  ['169.254.169.254', 'a public address'],
  ['172.16.3.4', 'a public address'],
  ['127.0.0.1', 'a public address'],
  ['0.0.0.0', 'a public address'],
  ['224.0.0.1', 'a public address'],
  ['255.255.255.255', 'a public address'],
])('%s is refused: %s', (host, words) => {
  for (const egress of [[host], [{ host, ports: [1] }]]) {
    expect(JSON.stringify(parsed(egress).error?.issues)).toContain(JSON.stringify(words).slice(1, -1).slice(0, 12))
  }
})

test.each([
  [['a.example', 'a.example']],
  [['a.example', { host: 'a.example', ports: [22] }]],
  [[{ host: 'a.example', ports: [] }]],
  [[{ host: 'a.example', ports: [0] }]],
  [[{ host: 'a.example' }]],
  [Array.from({ length: 21 }, (_, n) => `a${n}.example`)],
])('refused: %j', (egress) => {
  expect(parsed(egress).success).toBe(false)
})

test.each([
  ['1.1.1.1', true],
  ['203.0.113.10', true],
  ['9.255.255.255', true],
  ['10.0.0.0', false],
  ['10.255.255.255', false],
  ['11.0.0.0', true],
  ['100.63.255.255', true],
  ['100.64.0.0', false],
  ['100.100.100.200', false],
  ['168.63.129.16', false],
  ['168.63.129.17', true],
  ['172.15.255.255', true],
  ['172.31.255.255', false],
  ['172.32.0.0', true],
  ['192.0.0.192', false],
  ['192.168.1.1', false],
  ['223.255.255.255', true],
  ['240.0.0.1', false],
])('%s is public: %s', (address, expected) => {
  expect(isPublic(address)).toBe(expected)
})

test('addresses and prefixes', () => {
  expect(['1.2.3.4', '255.255.255.255'].map(isIpv4)).toEqual([true, true])
  expect(['1.2.3', '1.2.3.256', '1.2.3.4/8', '1.02.3.4', 'a'].map(isIpv4)).toEqual(Array(5).fill(false))
  expect(['1.2.3.4', '1.2.3.0/24', '0.0.0.0/0', '1.2.3.4/32'].map(isPrefix)).toEqual(Array(4).fill(true))
  expect(['1.2.3.4/33', '1.2.3.4/', '1.2.3.4/8/8', 'a/8', '1.2.3.4/-1'].map(isPrefix)).toEqual(Array(5).fill(false))
  expect(isWithin('203.0.113.10', '203.0.113.0/24')).toBe(true)
  expect(isWithin('203.0.114.10', '203.0.113.0/24')).toBe(false)
  expect(isWithin('203.0.113.10', '203.0.113.11')).toBe(false)
  expect(isWithin('8.8.8.8', '0.0.0.0/0')).toBe(true)
})
