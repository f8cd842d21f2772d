import { expect, it } from 'vitest'
import { clientAddress } from '#lib/auth/client-address.ts'

it.each([
  ['203.0.113.7', '203.0.113.7'],
  ['198.51.100.1, 203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '::ffff:203.0.113.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::6', '2001:db8:1:2::/64'],
  ['2001:db8::6', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['not an address', 'not an address'],
  ['x'.repeat(300), 'x'.repeat(64)],
  [' ', 'unknown'],
])('counts %j as %j', (header, network) => {
  expect(clientAddress(new Headers({ 'x-forwarded-for': header }))).toBe(network)
})

it('counts who sends none as one', () => expect(clientAddress(new Headers())).toBe('unknown'))
