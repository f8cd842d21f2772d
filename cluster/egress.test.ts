import { expect, test } from 'vitest'
import { hostEgress, nodeEgress } from './egress.ts'
import { linkAt } from './network.ts'

const elements = (except: string[], also: string[]) =>
  /outside \{ (.*) \}/.exec(nodeEgress({ except, also }))?.[1]?.split(', ')

test.each([
  [['0.0.0.0/0'], ['203.0.113.10'], ['203.0.113.10']],
  [['0.0.0.0/1'], [], ['128.0.0.0-255.255.255.255']],
  [['0.0.0.0/1'], ['10.1.0.0/16'], ['10.1.0.0-10.1.255.255', '128.0.0.0-255.255.255.255']],
  [['10.0.0.0/8', '224.0.0.0/3'], [], ['0.0.0.0-9.255.255.255', '11.0.0.0-223.255.255.255']],
])('all but %j, and %j: open is %j', (except, also, open) => {
  expect(elements(except, also)).toEqual(open)
})

test('the host lends its address to the node alone, stays shut itself, and nobody begins a connection towards it', () => {
  const rules = hostEgress('drydock_ab', linkAt(7))
  expect(rules).toContain('ip saddr 10.231.7.2 oifname != "drydock7" masquerade')
  expect(rules).toContain('iifname "drydock7" ip daddr != 10.231.7.1 drop')
  expect(rules).toMatch(/oifname "drydock7" ct state established,related accept\n\s+oifname "drydock7" drop/)
})
