import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { followAttachments, parseAttachment } from './attachments.ts'

/** As libcni 1.3 writes it for ptp, shortened. */
const cached = (ip: string, uid = 'u1') =>
  JSON.stringify({
    kind: 'cniCacheV1',
    containerId: 'c0ffee',
    networkName: 'pods',
    netns: '/run/containerd/netns/cni-1',
    cniArgs: [
      ['K8S_POD_NAMESPACE', 'default'],
      ['K8S_POD_UID', uid],
    ],
    result: {
      cniVersion: '1.0.0',
      interfaces: [{ name: 'veth1a2b' }, { name: 'eth0', sandbox: '/run/containerd/netns/cni-1' }],
      ips: [{ interface: 1, address: `${ip}/32`, gateway: '10.244.0.1' }],
    },
  })

test('reads pod, address and the node’s end of the link', () => {
  expect(parseAttachment(cached('10.244.0.5'))).toEqual({ podUid: 'u1', ip: '10.244.0.5', link: 'veth1a2b' })
})

test.each([
  ['nothing', ''],
  ['the beginning of one', cached('10.244.0.5').slice(0, 200)],
  ['IPv6 alone', cached('fd00::5')],
  ['no pod’s', cached('10.244.0.5').replace('K8S_POD_UID', 'OTHER')],
  ['of a plugin without links', JSON.stringify({ cniArgs: [['K8S_POD_UID', 'u']], result: { ips: [] } })],
])('%s is no attachment', (_, text) => {
  expect(parseAttachment(text)).toBeNull()
})

test('follows the folder: what is there, what comes, changes and goes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'drydock-cni-'))
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
  write('pods-a-eth0', cached('10.244.0.5'))
  const onChange = vi.fn()
  const { attachments, stop } = followAttachments(folder, onChange)
  try {
    const addresses = () => [...attachments.values()].map(({ ip }) => ip)
    expect(addresses()).toEqual(['10.244.0.5'])
    write('pods-b-eth0', cached('10.244.0.6', 'u2'))
    await vi.waitFor(() => expect(addresses()).toEqual(['10.244.0.5', '10.244.0.6']), 10_000)
    expect(onChange).toHaveBeenCalled()
    write('pods-b-eth0', cached('10.244.0.7', 'u2'))
    await vi.waitFor(() => expect(addresses()).toEqual(['10.244.0.5', '10.244.0.7']), 10_000)
    rmSync(join(folder, 'pods-a-eth0'))
    await vi.waitFor(() => expect(addresses()).toEqual(['10.244.0.7']), 10_000)
  } finally {
    stop()
    rmSync(folder, { recursive: true })
  }
})
