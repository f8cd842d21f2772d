/**
 * Enforces NetworkPolicy on the node: follows policies, pods, namespaces and the addresses that CNI gives, and loads the ruleset
 * they come to. Whatever goes wrong ends the process: the ruleset loaded last stays in force, and the supervisor starts anew.
 */
import { clientAs } from '../api-client.ts'
import { exec } from '../exec.ts'
import { CNI_RESULTS, followAttachments } from './attachments.ts'
import { follow } from './follow.ts'
import { type NamespaceObject, namespaceOf, type PodObject, type PolicyObject, podOf, policyOf } from './model.ts'
import { ruleset } from './ruleset.ts'

const [server = '', pkiDir = ''] = process.argv.slice(2)
const log = (line: string) => console.log(`${new Date().toISOString()} ${line}`)

let loaded = ''
let loading = false

/** Loads what has changed, once more when more has changed meanwhile. */
async function load(): Promise<void> {
  if (loading) return
  loading = true
  for (let script = current(); script && script !== loaded; script = current()) {
    const since = performance.now()
    await exec('nft', ['-f', '-'], { input: script })
    loaded = script
    log(`loaded for ${attachments.size} pods in ${(performance.now() - since).toFixed(0)} ms`)
  }
  loading = false
}

/** Null while something of it is not known: an old set of policies must not let a new pod out. */
function current(): string | null {
  if (!policies.live || !pods.live || !namespaces.live) return null
  return ruleset({
    policies: [...policies.items.values()],
    pods: [...pods.items.values()],
    namespaces: [...namespaces.items.values()],
    attachments: [...attachments.values()],
  })
}

/** What comes in one read is one change. */
let asked = false
function onChange(): void {
  if (asked) return
  asked = true
  setImmediate(() => {
    asked = false
    void load()
  })
}

const client = clientAs('netpol', server, pkiDir)
const { attachments } = followAttachments(CNI_RESULTS, onChange)
const common = { client, onChange, log }
const policies = follow({
  ...common,
  path: '/apis/networking.k8s.io/v1/networkpolicies',
  keep: (object: PolicyObject) => policyOf(object),
})
const pods = follow({ ...common, path: '/api/v1/pods', keep: (object: PodObject) => podOf(object) })
const namespaces = follow({
  ...common,
  path: '/api/v1/namespaces',
  keep: (object: NamespaceObject) => namespaceOf(object),
})
