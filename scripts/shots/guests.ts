import type { Page } from '@playwright/test'
import type { Scene, Stage } from './scene.ts'

/** A guest's machine on the home page; without a reconciler its row stays as `set` makes it. */
const guest =
  (set: string) =>
  async ({ page, client }: Stage): Promise<void> => {
    if (!client) throw new Error('a row needs a database')
    // Six an hour are taken from one address.
    await client.query('truncate "RateLimit"')
    await page.goto('/')
    await page.request.post('/api/guests', { headers: { origin: new URL(page.url()).origin } })
    await client.query(`update "Sandbox" set ${set}`)
  }

const PASSED = `
  insert into "TaskResult" ("attemptId", "taskId", verdict, evidence, "firstPassAt", "passedSince", "evaluatedAt")
  select id, 'island', 'pass', 'island is a network of its own (number 4026532281).', now(), now(), now() from "Attempt"`
/** Two more at work: with the first one these are all places. */
const OTHERS = `
  with u as (insert into "User" (id, role) values ('guest2', 'guest'), ('guest3', 'guest') returning id),
    a as (insert into "Attempt" (id, "userId", "labId") select u.id, u.id, s."labId" from u, "Sandbox" s returning id)
  insert into "Sandbox" (id, "userId", "attemptId", "labId", "labDigest", state, "expiresAt")
    select a.id, a.id, a.id, "labId", "labDigest", state, "expiresAt" from a, "Sandbox"`

const connected = (page: Page) => page.locator('[data-connection="good"]').first().waitFor({ timeout: 90_000 })
const home = { path: '/', whole: true }

/** The home page as strangers and guests find it. */
export const GUESTS: Scene[] = [
  { ...home, name: 'home-guest-waits', play: guest(`state = 'provisioning'`) },
  {
    ...home,
    name: 'home-guest-full',
    play: async (stage) => {
      await guest(`state = 'ready', "readyAt" = now(), "expiresAt" = now() + interval '10 minutes'`)(stage)
      await stage.client?.query(OTHERS)
      await stage.page.context().clearCookies()
    },
    pose: async (page) => {
      await page.getByRole('button', { name: 'Start the machine' }).click()
      await page.getByText('places for guests are taken').waitFor()
    },
  },
  {
    ...home,
    name: 'home-guest-expired',
    play: async (stage) => {
      await guest(`state = 'ended', "expiresAt" = now() - interval '1 minute', "endedAt" = now()`)(stage)
      await stage.client?.query(PASSED)
    },
  },
  {
    ...home,
    name: 'home-guest-ended',
    play: guest(`state = 'ended', reason = 'You ended it.', "endedAt" = now()`),
  },
  {
    ...home,
    name: 'sign-in-guest',
    path: '/signin',
    play: guest(`state = 'ended', "endedAt" = now()`),
  },
]

const atWork: Scene = {
  ...home,
  name: 'home-guest-live',
  live: true,
  play: async ({ page }) => {
    await page.goto('/')
    await page.getByRole('button', { name: 'Start the machine' }).click()
    await connected(page)
  },
  pose: connected,
  strike: async ({ page }) => {
    await page.getByRole('button', { name: 'End', exact: true }).click()
    await page.getByRole('button', { name: 'End the machine' }).click()
    await page.getByText('The machine has ended').waitFor({ timeout: 60_000 })
  },
}

/** The same with a machine, on the platform that runs in this checkout. */
export const LIVE_GUESTS: Scene[] = [
  atWork,
  {
    ...atWork,
    name: 'home-guest-done',
    play: async (stage) => {
      await atWork.play?.(stage)
      await stage.page.getByRole('textbox', { name: 'Terminal input' }).first().focus()
      await stage.page.keyboard.type('ip netns add island\n')
      await stage.page.locator('[data-testid="task-island"][data-verdict="pass"]').waitFor({ timeout: 20_000 })
    },
  },
]
