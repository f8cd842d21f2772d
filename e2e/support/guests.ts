import { randomInt } from 'node:crypto'
import { type Browser, expect, type Page } from '@playwright/test'
import { query } from './database.ts'

export const GUESTS = `"userId" in (select id from "User" where role = 'guest')`
export const LIVE = `state in ('queued', 'provisioning', 'ready', 'degraded')`

export const guestsAtWork = () => query(`select id from "Sandbox" where ${GUESTS} and ${LIVE}`)

/** Ends what guests of other tests have left: the site under test has one place (GUESTS=1, scripts/tiers/live.ts). */
export async function freeThePlace(): Promise<void> {
  await query(`update "Sandbox" set "expiresAt" = now() - interval '1 day' where ${GUESTS} and ${LIVE}`)
  await expect.poll(async () => (await guestsAtWork()).length, { timeout: 30_000 }).toBe(0)
}

/** Somebody who was never here, with a network address of their own: guests are counted by it. */
export async function stranger(browser: Browser, baseURL: string | undefined, options = {}): Promise<Page> {
  const address = `198.18.${randomInt(256)}.${randomInt(256)}`
  const extraHTTPHeaders = { 'x-forwarded-for': address }
  const context = await browser.newContext({ baseURL: baseURL ?? '', extraHTTPHeaders, ...options })
  return context.newPage()
}
