import type { Locator, Page } from '@playwright/test'
import type pg from 'pg'

export type Stage = { page: Page; client: pg.Client | null }

/** A page in one of its states. */
export type Scene = {
  name: string
  path: string
  signedIn?: boolean
  /** Needs a machine that runs. */
  live?: boolean
  /** Shot on a site that was started for authors. */
  authoring?: boolean
  javaScript?: boolean
  media?: 'print'
  /** The whole page, however long; else what fits on the screen. */
  whole?: boolean
  /** Brings the state about, once. */
  play?: (stage: Stage) => Promise<unknown>
  /** What is done before any page is loaded. */
  before?: (page: Page) => Promise<unknown>
  /** What is done on the page before each picture. */
  pose?: (page: Page) => Promise<unknown>
  /** Leaves nothing behind. */
  strike?: (stage: Stage) => Promise<unknown>
}

export const LESSON = '/learn/container-networking/a-network-of-one'
export const CHALLENGE = '/challenges/two-namespaces'

/** Runs statements on the database of the scene. */
export const sql =
  (...statements: string[]) =>
  async ({ client }: Stage): Promise<void> => {
    if (!client) throw new Error('a row needs a database')
    for (const statement of statements) await client.query(statement)
  }

/** Asks for a machine; without a reconciler its row stays as `set` makes it. */
export const sandbox =
  (set: string, results = '', labId = 'challenges/two-namespaces') =>
  async ({ page, client }: Stage): Promise<void> => {
    if (!client) throw new Error('a row needs a database')
    await page.goto('/learn')
    const { origin } = new URL(page.url())
    const answer = await page.request.post('/api/sandboxes', {
      data: { labId },
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

export const IN_45 = `"readyAt" = now(), "expiresAt" = now() + interval '45 minutes'`

/** Scrolls to where a text begins. */
export const scrollTo = (text: RegExp) => async (page: Page) => {
  await page
    .getByText(text)
    .first()
    .evaluate((element) => element.scrollIntoView({ block: 'start' }))
}

/** Presses keys until the page that is coming alive answers them by opening `what`. */
export async function openByKeys(page: Page, keys: string, what: Locator): Promise<void> {
  for (const until = Date.now() + 20_000; Date.now() < until && !(await what.isVisible()); ) {
    await page.keyboard.press(keys)
    await what.waitFor({ timeout: 500 }).catch(() => undefined)
  }
  await what.waitFor({ timeout: 1000 })
}

const narrowTab = (name: RegExp) => async (page: Page) => {
  const tab = page.getByRole('tablist', { name: 'Parts of the page' }).getByRole('tab', { name })
  if (await tab.isVisible()) await tab.click()
}
/** On a narrow screen: what is looked at. */
export const terminalTab = narrowTab(/^Terminal/)
export const tasksTab = narrowTab(/^Tasks/)
