import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { buildComponents } from '#cluster/build.ts'
import { DATA, IMAGES_FILE } from '#scripts/paths.ts'

/** What a bench needs to know of the running platform. */
export type Platform = {
  /** e.g. http://localhost:4200 */
  baseUrl: string
  /** Cookie header of a signed-in user of the benches' own. */
  cookie: string
  kubeconfig: string
  /** Path of a kubectl of the cluster's version. */
  kubectl: string
  /** Image name to reference inside the cluster. */
  images: Record<string, string>
  /** The lab that is started. */
  labId: string
}

const runningSchema = z.object({ url: z.url(), kubeconfig: z.string() })

/** The platform that `npm start` runs in this checkout, and a fresh session on it. */
export async function openPlatform(): Promise<Platform> {
  const { url, kubeconfig } = runningSchema.parse(readJson(join(DATA, 'running.json')))
  const images = z.record(z.string(), z.string()).parse(readJson(IMAGES_FILE))
  return {
    baseUrl: url,
    cookie: await signIn(url),
    kubeconfig,
    kubectl: process.env.KUBECTL ?? join(await buildComponents({}), 'kubectl'),
    images,
    labId: 'challenges/two-namespaces',
  }
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new Error('The platform is not running here, or its cluster is not ready yet: `npm start` first.', { cause })
  }
}

/** The development sign-in, as the page does it. */
async function signIn(url: string): Promise<string> {
  const jar = new Map<string, string>()
  const keep = (response: Response) => {
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      jar.set(pair.slice(0, pair.indexOf('=')), pair)
    }
    return response
  }
  const cookie = () => [...jar.values()].join('; ')
  const { csrfToken } = z
    .object({ csrfToken: z.string() })
    .parse(await keep(await fetch(`${url}/api/auth/csrf`)).json())
  const response = keep(
    await fetch(`${url}/api/auth/callback/dev`, {
      method: 'POST',
      headers: { cookie: cookie(), origin: url },
      body: new URLSearchParams({ csrfToken, name: `bench ${process.pid}`, json: 'true' }),
      redirect: 'manual',
    }),
  )
  if (response.status >= 400) throw new Error(`signing in: ${response.status} ${await response.text()}`)
  return cookie()
}
