import { randomUUID } from 'node:crypto'
import type { Page } from '@playwright/test'

/** Signs in by the development sign-in, under a name of the test's own, and comes back to `path`. Resolves with the name. */
export async function signIn(page: Page, path = '/', name = `Test ${randomUUID().slice(0, 8)}`): Promise<string> {
  await page.goto(`/signin?callbackUrl=${encodeURIComponent(path)}`)
  await page.getByLabel('Your name').fill(name)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL((url) => url.pathname === new URL(path, url).pathname)
  return name
}
