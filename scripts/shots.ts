/**
 * `npm run shots [-- NAME…]`: every page and state × theme × width as pictures on a contact sheet, .data/shots/index.html.
 * axe looks at the narrow and the wide ones as well; what it finds, a page that is wider than the screen or a scene that cannot be shot is
 * named at the end and fails the command. States come from rows in a database of its own, served without a reconciler so that they stay; a state with a live
 * machine is shot on the platform that `npm start` runs in this checkout, if one does.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import { type BrowserContext, chromium, type Page } from '@playwright/test'
import pg from 'pg'
import { CHROMIUM, CHROMIUM_FLAGS } from './chromium.ts'
import { DATA } from './paths.ts'
import { readRunning } from './running.ts'
import { GUESTS, LIVE_GUESTS } from './shots/guests.ts'
import { LESSONS } from './shots/lessons.ts'
import { LIVE } from './shots/live.ts'
import { PAGES } from './shots/pages.ts'
import type { Scene } from './shots/scene.ts'
import { WORKSPACE } from './shots/workspace.ts'
import { buildSite, startSite } from './site.ts'
import { TestResources } from './tiers/resources.ts'

const OUT = join(DATA, 'shots')
const THEMES = ['light', 'dark'] as const
const WIDTHS = [360, 768, 1440]
/** A page between the two is laid out like one of them. */
const WITH_AXE = [360, 1440]
const HEIGHT = 900
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** Every way to sign in is on the page; nobody goes there. */
const SIGN_IN_WAYS = {
  OIDC_ISSUER: 'http://127.0.0.1:1',
  OIDC_CLIENT_ID: 'shots',
  OIDC_CLIENT_SECRET: 'shots',
  OIDC_NAME: 'Harbour Office',
  GITHUB_CLIENT_ID: 'shots',
  GITHUB_CLIENT_SECRET: 'shots',
  GOOGLE_CLIENT_ID: 'shots',
  GOOGLE_CLIENT_SECRET: 'shots',
  SMTP_URL: 'smtp://127.0.0.1:1',
  MAIL_FROM: 'Drydock <no-reply@drydock.example>',
}

type Site = { url: string; client: pg.Client | null }

const SCENES = [...PAGES, ...GUESTS, ...WORKSPACE, ...LESSONS, ...LIVE_GUESTS, ...LIVE]
const wanted = process.argv.slice(2)
const scenes = SCENES.filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
const aborter = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => aborter.abort())

if (wanted.length === 0) rmSync(OUT, { recursive: true, force: true })
mkdirSync(OUT, { recursive: true })
const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_FLAGS })
const skipped: string[] = []
const faults: string[] = []
try {
  await shootStill(scenes.filter(({ live, authoring }) => !live && !authoring))
  await shootStill(
    scenes.filter(({ authoring }) => authoring),
    { AUTHORING: '1' },
  )
  const live = scenes.filter((scene) => scene.live)
  const running = readRunning()
  if (running) for (const scene of live) await shoot(scene, { url: running.url, client: null })
  else skipped.push(...live.map(({ name }) => name))
} finally {
  await browser.close()
}
writeSheet()
console.log(
  `${join(OUT, 'index.html')}${skipped.length > 0 ? `\nnot shot, as no platform runs here: ${skipped.join(', ')}` : ''}`,
)

for (const fault of faults) console.error(fault)
process.exitCode = faults.length > 0 ? 1 : 0

/** The scenes that need no machine, on a site and a database of their own. */
async function shootStill(still: Scene[], more: Record<string, string> = SIGN_IN_WAYS): Promise<void> {
  if (still.length === 0) return
  await using resources = new TestResources(() => undefined, aborter.signal)
  await buildSite(aborter.signal)
  const environment = await resources.environment(await resources.migratedDatabase())
  const env = { ...process.env, ...environment, ...more, ROLES: 'web', NODE_ENV: 'production' as const }
  const site = await startSite(env)
  const client = new pg.Client({ connectionString: environment.DATABASE_URL })
  await client.connect()
  try {
    await client.query(`insert into "ClusterStatus" (id, state, "updatedAt") values (1, 'ready', now())`)
    for (const scene of still) await shoot(scene, { url: environment.NEXTAUTH_URL ?? '', client })
  } finally {
    await client.end()
    await site.stop()
  }
}

/** One scene, with what it took; one that cannot be shot is named at the end and leaves the others theirs. */
async function shoot(scene: Scene, site: Site): Promise<void> {
  if (aborter.signal.aborted) return
  const start = performance.now()
  const before = faults.length
  await play(scene, site)
  const verdict = faults.length > before ? `${faults.length - before} faults` : 'ok'
  const number = `${scenes.indexOf(scene) + 1}/${scenes.length}`
  console.log(`${number} ${scene.name}: ${verdict}, ${((performance.now() - start) / 1000).toFixed(1)} s`)
}

/** Played once by a person of its own and shot in both themes at every width. */
async function play(scene: Scene, { url, client }: Site): Promise<void> {
  const context = await browser.newContext({
    baseURL: url,
    javaScriptEnabled: scene.javaScript ?? true,
    reducedMotion: 'reduce',
    viewport: { width: 1440, height: HEIGHT },
  })
  const page = await context.newPage()
  const told = (error: unknown) => void faults.push(`${scene.name}: ${error instanceof Error ? error.message : error}`)
  try {
    // The same name is the same person: nothing of the scene before may be left.
    await client?.query('truncate "User" cascade')
    if (scene.signedIn) await signIn(context, url)
    await scene.before?.(page)
    await scene.play?.({ page, client })
    for (const theme of THEMES) {
      await context.addCookies([{ name: 'theme', value: theme, url }])
      for (const width of WIDTHS) {
        await context.setOffline(false)
        await page.emulateMedia({ colorScheme: theme, media: scene.media ?? 'screen' })
        await page.setViewportSize({ width, height: HEIGHT })
        await page.goto(scene.path)
        await settle(page)
        await scene.pose?.(page)
        await page.screenshot({
          path: join(OUT, `${scene.name}-${theme}-${width}.png`),
          fullPage: scene.whole ?? false,
        })
        const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
        if (tooWide > 0) faults.push(`${scene.name}, ${theme}, ${width} px: ${tooWide} px wider than the screen`)
        if ((scene.javaScript ?? true) && WITH_AXE.includes(width))
          faults.push(...(await barriersOf(page, `${scene.name}, ${theme}, ${width} px`)))
      }
    }
  } catch (error) {
    told(error)
  }
  await context.setOffline(false)
  await scene.strike?.({ page, client }).catch(told)
  // What a route still waits for must not end the command.
  await page.unrouteAll({ behavior: 'ignoreErrors' })
  await context.close()
}

/** What axe finds on the page as it was shot. */
async function barriersOf(page: Page, name: string): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze()
  return violations.map(({ id, nodes }) => `${name}: ${id}: ${nodes[0]?.html.slice(0, 160)}`)
}

async function settle(page: Page): Promise<void> {
  await page.evaluate(() => document.fonts.ready.then(() => undefined))
}

/** By the form's own route: the page of it is somebody else's scene. */
async function signIn(context: BrowserContext, url: string): Promise<void> {
  const { csrfToken } = (await (await context.request.get('/api/auth/csrf')).json()) as { csrfToken: string }
  const form = { csrfToken, name: 'Ada Lovelace', json: 'true' }
  const answer = await context.request.post('/api/auth/callback/dev', { form, headers: { origin: url } })
  if (!answer.ok()) throw new Error(`signing in: ${answer.status()}`)
}

function writeSheet(): void {
  const row = ({ name, path }: Scene) => {
    const shot = (theme: string, width: number) => {
      const file = `${name}-${theme}-${width}.png`
      if (!existsSync(join(OUT, file))) return ''
      return `<a href="${file}"><img loading="lazy" src="${file}" alt="${name}, ${theme}, ${width} px" style="height:420px"></a>`
    }
    return `<section><h2>${name} <code>${path}</code></h2><p>${THEMES.map((theme) => WIDTHS.map((width) => shot(theme, width)).join(' ')).join('<br>')}</p></section>`
  }
  const style =
    'body{font:14px system-ui;margin:16px;background:#777;color:#fff}img{border:1px solid #000}p{white-space:nowrap}'
  const head = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Contact sheet</title><style>${style}</style>`
  writeFileSync(join(OUT, 'index.html'), `${head}<h1>Contact sheet</h1>${SCENES.map(row).join('')}</html>`)
}
