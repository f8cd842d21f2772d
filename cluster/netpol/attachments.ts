import { mkdirSync, readdirSync, readFileSync, watch } from 'node:fs'
import { join } from 'node:path'
import type { Attachment } from './model.ts'

/** Where libcni, which containerd calls CNI by, keeps the result of every ADD until the DEL. */
export const CNI_RESULTS = '/var/lib/cni/results'

/**
 * Which pod has which address, as CNI gave them: before the pod's first process runs, when the API server is still to be told, and exactly
 * until the address is free again. By file name.
 */
export function followAttachments(folder: string, onChange: () => void) {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const attachments = new Map<string, Attachment>()
  const read = (name: string) => {
    const attachment = parseAttachment(contentOf(join(folder, name)))
    if (attachment) attachments.set(name, attachment)
    else attachments.delete(name)
  }
  const watcher = watch(folder, (_, name) => {
    if (name) read(name)
    onChange()
  })
  for (const name of readdirSync(folder)) read(name)
  return { attachments, stop: () => watcher.close() }
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

type Result = {
  cniArgs?: [name: string, value: string][]
  result?: { ips?: { address: string }[]; interfaces?: { name: string; sandbox?: string }[] }
}

/** What a cached result says of a pod with IPv4; null when it is none, or not written to its end yet. */
export function parseAttachment(text: string): Attachment | null {
  let cached: Result
  try {
    cached = JSON.parse(text) as Result
  } catch {
    return null
  }
  const podUid = cached.cniArgs?.find(([name]) => name === 'K8S_POD_UID')?.[1]
  const ip = cached.result?.ips
    ?.map(({ address }) => address.split('/')[0] ?? '')
    .find((address) => /^[\d.]+$/.test(address))
  // The end without a sandbox is the node's.
  const link = cached.result?.interfaces?.find(({ sandbox }) => !sandbox)?.name
  return podUid && ip && link ? { podUid, ip, link } : null
}
