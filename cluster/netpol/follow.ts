import { isDeepStrictEqual } from 'node:util'
import type { ApiClient } from '../api-client.ts'
import { sleep } from '../exec.ts'

type ApiObject = { metadata: { uid: string; resourceVersion: string } }
type List = { metadata: { resourceVersion: string }; items: ApiObject[] }
type Event = { type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'; object: ApiObject }

const RETRY_MS = 250
/** The API server sends a bookmark about once a minute. */
const SILENT_MS = 180_000

export type Followed<T> = {
  items: Map<string, T>
  /** Whether the items are those of now; those of a moment ago stay while the watch is down. */
  live: boolean
}

/**
 * All objects of a kind, by uid: a list, then a watch from there, and a new list whenever the watch breaks. For as long as the process
 * lives. `onChange` is called after every change of what it returns.
 */
export function follow<O, T>(options: {
  client: Pick<ApiClient, 'getJson' | 'watch'>
  path: string
  keep: (object: O) => T
  onChange: () => void
  log: (line: string) => void
}): Followed<T> {
  const { client, path, keep, onChange, log } = options
  const followed: Followed<T> = { items: new Map(), live: false }

  const take = ({ type, object }: Event) => {
    if (type === 'ERROR') throw new Error(JSON.stringify(object))
    if (type === 'BOOKMARK') return
    const { uid } = object.metadata
    if (type === 'DELETED') followed.items.delete(uid)
    else {
      const item = keep(object as O)
      // Most changes of a pod are of its status, which is nothing to us.
      if (isDeepStrictEqual(item, followed.items.get(uid))) return
      followed.items.set(uid, item)
    }
    onChange()
  }

  const listAndWatch = async () => {
    const list = await client.getJson<List>(path)
    if (!list) throw new Error(`${path} does not exist`)
    followed.items = new Map(list.items.map((object) => [object.metadata.uid, keep(object as O)]))
    followed.live = true
    onChange()
    let version = list.metadata.resourceVersion
    for (;;) {
      const query = `watch=1&allowWatchBookmarks=true&resourceVersion=${version}`
      await client.watch(
        `${path}?${query}`,
        (event) => {
          take(event as Event)
          version = (event as Event).object.metadata.resourceVersion
        },
        SILENT_MS,
      )
    }
  }

  const run = async () => {
    for (;;) {
      await listAndWatch().catch((error) => log(`${path}: ${error}`))
      followed.live = false
      await sleep(RETRY_MS)
    }
  }
  void run()
  return followed
}
