import type { Page } from '@playwright/test'
import type pg from 'pg'

export type Stage = { page: Page; client: pg.Client | null }

/** A page in one of its states. */
export type Scene = {
  name: string
  path: string
  signedIn?: boolean
  /** Needs a machine that runs. */
  live?: boolean
  javaScript?: boolean
  /** Brings the state about, once. */
  play?: (stage: Stage) => Promise<void>
  /** What is done before any page is loaded. */
  before?: (page: Page) => Promise<void>
  /** What is done on the page before each picture. */
  pose?: (page: Page) => Promise<void>
  /** Leaves nothing behind. */
  strike?: (stage: Stage) => Promise<void>
}

const LESSON = '/learn/container-networking/a-network-of-one'
const CHALLENGE = '/challenges/two-namespaces'

/** Asks for a machine; without a reconciler its row stays as `set` makes it. */
const sandbox =
  (set: string, results = '') =>
  async ({ page, client }: Stage): Promise<void> => {
    if (!client) throw new Error('a row needs a database')
    await page.goto('/learn')
    const { origin } = new URL(page.url())
    const answer = await page.request.post('/api/sandboxes', {
      data: { labId: 'challenges/two-namespaces' },
      headers: { origin },
    })
    const view = (await answer.json()) as { id: string; attemptId: string }
    await client.query(`update "Sandbox" set ${set} where id = $1`, [view.id])
    if (results) {
      await client.query(
        `insert into "TaskResult" ("attemptId", "taskId", verdict, evidence, "firstPassAt", "passedSince", "passedUntil", "evaluatedAt")
         select $1, t, v::"VerdictValue", e, null, s, u, now() from (values ${results}) as r (t, v, e, s, u)`,
        [view.attemptId],
      )
    }
  }
const IN_45 = `"readyAt" = now(), "expiresAt" = now() + interval '45 minutes'`
const NONE = 'null::timestamp, null::timestamp'
const terminalTab = async (page: Page) => {
  const tab = page.getByRole('tab', { name: 'Terminal', exact: true })
  if (await tab.isVisible()) await tab.click()
}
const tasksTab = async (page: Page) => {
  const tab = page.getByRole('tab', { name: /^Tasks/ })
  if (await tab.isVisible()) await tab.click()
}

export const SCENES: Scene[] = [
  { name: 'home', path: '/' },
  { name: 'home-signed-in', path: '/', signedIn: true },
  { name: 'catalogue', path: '/learn' },
  { name: 'catalogue-search', path: '/learn?q=netwrok', signedIn: true },
  { name: 'catalogue-nothing', path: '/learn?q=nothing-is-called-this', signedIn: true },
  { name: 'lesson', path: LESSON },
  { name: 'lesson-no-javascript', path: LESSON, javaScript: false },
  { name: 'challenge', path: CHALLENGE },
  {
    name: 'challenge-text-alone',
    path: CHALLENGE,
    signedIn: true,
    play: async ({ page }) => {
      await page.goto(CHALLENGE)
      await page.getByRole('button', { name: 'Hide the machine' }).click()
    },
  },
  {
    name: 'palette',
    path: CHALLENGE,
    signedIn: true,
    pose: async (page) => {
      await page.keyboard.press('Control+k')
      await page.getByRole('combobox').waitFor()
    },
  },
  {
    name: 'shortcuts',
    path: '/learn',
    pose: async (page) => {
      await page.keyboard.press('Control+/')
      await page.getByRole('dialog').waitFor()
    },
  },
  { name: 'challenge-terminal-tab', path: CHALLENGE, signedIn: true, pose: terminalTab },
  { name: 'challenge-tasks-tab', path: CHALLENGE, signedIn: true, pose: tasksTab },
  { name: 'queued', path: CHALLENGE, signedIn: true, play: sandbox(`state = 'queued'`), pose: terminalTab },
  {
    name: 'provisioning',
    path: CHALLENGE,
    signedIn: true,
    play: sandbox(`state = 'provisioning', reason = 'machine box is pulling its image'`),
    pose: terminalTab,
  },
  {
    name: 'degraded',
    path: CHALLENGE,
    signedIn: true,
    play: sandbox(
      `state = 'degraded', reason = 'The machine box does not answer.', ${IN_45}`,
      `('namespaces', 'pass', 'red and blue are two networks', now()::timestamp, null::timestamp),
       ('cable', 'not-yet', 'no cable between red and blue', null, now()::timestamp - interval '3 minutes'),
       ('tidy', 'broken', 'exit code 127', null, null)`,
    ),
    pose: tasksTab,
  },
  {
    name: 'expiring',
    path: CHALLENGE,
    signedIn: true,
    play: sandbox(`state = 'ready', "readyAt" = now(), "expiresAt" = now() + interval '4 minutes'`),
    pose: terminalTab,
  },
  {
    name: 'stuck',
    path: CHALLENGE,
    signedIn: true,
    play: sandbox(
      `state = 'ready', "readyAt" = now() - interval '10 minutes', "expiresAt" = now() + interval '35 minutes'`,
      `('namespaces', 'not-yet', 'there is no namespace named blue', ${NONE})`,
    ),
    pose: async (page) => {
      await page.clock.fastForward('06:00')
      await tasksTab(page)
      await page.getByRole('region', { name: 'Help' }).waitFor()
    },
    before: (page) => page.clock.install(),
  },
  { name: 'ending', path: CHALLENGE, signedIn: true, play: sandbox(`state = 'ending', ${IN_45}`), pose: terminalTab },
  {
    name: 'expired',
    path: CHALLENGE,
    signedIn: true,
    play: sandbox(`state = 'ended', "expiresAt" = now() - interval '1 minute', "endedAt" = now()`),
    pose: terminalTab,
  },
  {
    name: 'failed',
    path: CHALLENGE,
    signedIn: true,
    play: sandbox(`state = 'failed', reason = 'No node has room for it.', "endedAt" = now()`),
    pose: terminalTab,
  },
  {
    name: 'lost',
    path: CHALLENGE,
    signedIn: true,
    play: sandbox(`state = 'lost', reason = 'The cluster was made anew.', "endedAt" = now()`),
    pose: terminalTab,
  },
  {
    name: 'solved',
    path: CHALLENGE,
    signedIn: true,
    play: async (stage) => {
      await sandbox(
        `state = 'ended', "readyAt" = now() - interval '12 minutes', "endedAt" = now()`,
        `('namespaces', 'pass', 'red and blue are two networks', now()::timestamp, null::timestamp)`,
      )(stage)
      await stage.client?.query(`update "Attempt" a set "solvedAt" = now() from "Sandbox" s
        where s."attemptId" = a.id and s.id = (select id from "Sandbox" order by "createdAt" desc limit 1)`)
    },
    pose: tasksTab,
  },
  { name: 'progress-empty', path: '/me', signedIn: true },
  { name: 'progress', path: '/me', signedIn: true, play: sandbox(`state = 'ready', ${IN_45}`) },
  { name: 'sign-in', path: '/signin' },
  { name: 'sign-in-refused', path: '/signin?error=bad-request' },
  { name: 'settings', path: '/me/settings', signedIn: true },
  { name: 'not-found', path: '/no-such-sheet' },
  {
    name: 'terminal',
    path: CHALLENGE,
    signedIn: true,
    live: true,
    play: async ({ page }) => {
      await page.goto(CHALLENGE)
      await page.getByRole('button', { name: /^Start/ }).click()
      await page.getByRole('textbox', { name: 'Terminal input' }).first().waitFor({ timeout: 90_000 })
      await page.locator('[data-connection="good"]').first().waitFor()
      await page.keyboard.press('Tab')
      await page.getByRole('textbox', { name: 'Terminal input' }).first().focus()
      await page.keyboard.type('ip netns add red; ip -c link; ls --color=always /etc | head -5\n')
      await page.locator('[data-testid="task-namespaces"][data-verdict="not-yet"]').waitFor({ timeout: 20_000 })
    },
    pose: async (page) => {
      await terminalTab(page)
      await page.locator('[data-connection="good"]').first().waitFor()
    },
    strike: async ({ page }) => {
      await page.goto(CHALLENGE)
      await page.getByRole('button', { name: 'End', exact: true }).click()
      await page.getByRole('button', { name: 'End the machine' }).click()
      await page.locator('[data-testid="sandbox-state"][data-state="ended"]').waitFor({ timeout: 60_000 })
    },
  },
]
