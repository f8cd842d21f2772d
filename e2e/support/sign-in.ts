import { randomUUID } from 'node:crypto'
import type { APIRequestContext, Page } from '@playwright/test'
import { query } from './database.ts'

/** Tests are many people behind one address, who would use up its tries of a minute. */
const freeTries = () => query(`delete from "RateLimit" where key like 'dev-sign-in:%'`)

/** Signs in by the development sign-in, under a name of the test's own, and comes back to `path`. Resolves with the name. */
export async function signIn(page: Page, path = '/', name = `Test ${randomUUID().slice(0, 8)}`): Promise<string> {
  await freeTries()
  await page.goto(`/signin?callbackUrl=${encodeURIComponent(path)}`)
  await page.getByLabel('Your name').fill(name)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL((url) => url.pathname === new URL(path, url).pathname)
  return name
}

/** Signs in without a page, under a name of its own. Resolves with the name. */
export async function signInByRequest(request: APIRequestContext, origin: string): Promise<string> {
  await freeTries()
  const name = `Test ${randomUUID().slice(0, 8)}`
  const { csrfToken } = await (await request.get('/api/auth/csrf')).json()
  const form = { csrfToken, name, json: 'true' }
  const answer = await request.post('/api/auth/callback/dev', { form, headers: { origin } })
  if (!answer.ok()) throw new Error(`signing in: ${answer.status()}`)
  return name
}
