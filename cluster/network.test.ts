import { expect, test } from 'vitest'
import { candidateLinks, linkAt, nodeFirewall, nodeSysctls, overlaps } from './network.ts'

test.each([
  ['10.231.7.0/30', '10.231.7.1/30', true],
  ['10.0.0.0/8', '10.231.7.1/30', true],
  ['10.231.8.0/30', '10.231.7.1/30', false],
  ['10.231.7.2', '10.231.7.1/30', true],
  ['192.168.0.0/16', '10.231.7.1/30', false],
  ['0.0.0.0/0', '10.231.7.1/30', true],
  ['255.255.255.255', '10.231.255.1/30', false],
])('%s overlaps %s: %s', (a, b, expected) => {
  expect(overlaps(a, b)).toBe(expected)
  expect(overlaps(b, a)).toBe(expected)
})

test('an instance tries its own link first, then every other free one', () => {
  const links = candidateLinks('0000ff123456', ['10.231.0.0/24'])
  expect(links[0]).toEqual({ index: 255, name: 'drydock255', hostIp: '10.231.255.1', nodeIp: '10.231.255.2' })
  expect(links).toHaveLength(255)
  expect(links.map(({ index }) => index)).not.toContain(0)
})

test('no link is left where the host routes all of 10/8', () => {
  expect(candidateLinks('0000ff123456', ['10.0.0.0/8'])).toEqual([])
})

test('interface names fit IFNAMSIZ, the far end included', () => {
  expect(`${linkAt(255).name}n`.length).toBeLessThanOrEqual(15)
})

test('pods reach the API server and nothing else of the node; nothing leaves but answers', () => {
  const rules = nodeFirewall()
    .split('\n')
    .map((line) => line.trim())
  const input = rules.slice(rules.indexOf('chain input {'), rules.indexOf('chain forward {'))
  expect(input.filter((rule) => /accept$/.test(rule))).toEqual([
    'iifname "veth*" ct state established,related accept',
    'iifname "veth*" tcp dport 6443 accept',
  ])
  expect(rules).toContain('iifname "veth*" drop')
  expect(rules).toContain('oifname "eth0" drop')
  // Empty, until somebody opens it.
  expect(rules).toContain('set outside { type ipv4_addr; flags interval; auto-merge; }')
})

test('loopback stays unroutable and IPv6 off', () => {
  expect(nodeSysctls()).toMatchObject({
    'net.ipv4.conf.all.route_localnet': '0',
    'net.ipv6.conf.all.disable_ipv6': '1',
    'net.ipv6.conf.default.disable_ipv6': '1',
  })
})
