import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { KubectlContext } from '#bench/kubectl.ts'
import type { Session } from '#bench/sandbox.ts'
import { buildComponents } from '#cluster/build.ts'
import { readImages, readRunning } from '#scripts/running.ts'

/** What a bench needs to know of the running platform: where it is, and a signed-in user of the benches' own. */
export type Platform = Session &
  KubectlContext & {
    databaseUrl: string
    /** Image name to reference inside the cluster. */
    images: Record<string, string>
    /** The lab that is started where any will do. */
    labId: string
    /** So many users, the first of them this one. */
    people: (count: number) => Promise<Session[]>
  }

const SIGN_IN_AGAIN_MS = 5000
/** The site takes 30 sign-ins a minute. */
const SIGN_IN_TRIES = 15

/** The platform that `npm start` runs in this checkout, and a fresh session on it. */
export async function openPlatform(): Promise<Platform> {
  const [running, images] = [readRunning(), readImages()]
  if (!running || !images)
    throw new Error('The platform is not running here, or its cluster is not ready yet: `npm start` first.')
  const { url: baseUrl, databaseUrl, kubeconfig } = running
  const sessions: Session[] = []
  const people = async (count: number) => {
    while (sessions.length < count) sessions.push({ baseUrl, cookie: await signIn(baseUrl, sessions.length) })
    return sessions.slice(0, count)
  }
  const [first] = await people(1)
  return {
    baseUrl,
    cookie: first?.cookie ?? '',
    databaseUrl,
    kubeconfig,
    kubectl: process.env.KUBECTL ?? join(await buildComponents({}), 'kubectl'),
    images,
    labId: 'challenges/two-namespaces',
    people,
  }
}

/** The development sign-in, as the page does it; waits while there were too many. Resolves with the Cookie header. */
async function signIn(url: string, number: number): Promise<string> {
  for (let tries = 1; ; tries++) {
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
        body: new URLSearchParams({ csrfToken, name: `bench ${process.pid} ${number}`, json: 'true' }),
        redirect: 'manual',
      }),
    )
    const said = await response.text()
    if (response.status < 400) return cookie()
    if (!said.includes('limit-reached') || tries === SIGN_IN_TRIES)
      throw new Error(`signing in: ${response.status} ${said}`)
    await sleep(SIGN_IN_AGAIN_MS)
  }
}
