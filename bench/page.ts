import { scorePage } from '#bench/lighthouse.ts'
import { launchBrowser, loadPage } from '#bench/page-load.ts'
import { compareRates } from '#bench/page-rate.ts'
import type { Platform } from '#bench/platform.ts'
import { tell } from '#bench/report.ts'
import { machine as host, summary } from '#bench/stats.ts'

/** G15 of design/goals.md, with the budgets of design/product.md: at most, and from `lighthouse` on at least. */
const GOAL = { jsGzipKb: 170, lcpMs: 1200, cls: 0, lighthouse: 95, rateRatio: 0.5 }
const LESSON = '/learn/container-networking/a-network-of-one'
const PAGES = { home: '/', catalogue: '/learn', lesson: LESSON }
const WIDTHS = [360, 1440]

/** `repeats`: loads of each page, Lighthouse runs, and rounds of A B B A of the rate; at least 3. */
export type PageContext = Platform & { repeats: number }
type Seen = { [Name in keyof typeof GOAL]: number }

/** Measures each page by itself, and the lesson's under load. Tells a line for each, and one with the verdict. */
export async function run(ctx: PageContext): Promise<boolean> {
  const times = Math.max(3, ctx.repeats)
  const seen: Seen = {
    ...(await loads(ctx, times)),
    lighthouse: await lighthouse(ctx, times),
    rateRatio: await rate(ctx, times),
  }
  const pass =
    (['jsGzipKb', 'lcpMs', 'cls'] as const).every((name) => seen[name] <= GOAL[name]) &&
    (['lighthouse', 'rateRatio'] as const).every((name) => seen[name] >= GOAL[name])
  tell({ bench: 'page', goal: 'G15', seen, limit: GOAL, pass })
  return pass
}

/** Every page at both widths, signed in and out: the worst of all. */
async function loads(
  { baseUrl, cookie }: PageContext,
  times: number,
): Promise<Pick<Seen, 'jsGzipKb' | 'lcpMs' | 'cls'>> {
  const worst = { jsGzipKb: 0, lcpMs: 0, cls: 0 }
  const browser = await launchBrowser()
  try {
    await loadPage(browser, { url: baseUrl, width: 1440, cookie: null }, 1)
    for (const [page, path] of Object.entries(PAGES))
      for (const width of WIDTHS)
        for (const person of ['stranger', 'signed in']) {
          const visit = { url: baseUrl + path, width, cookie: person === 'stranger' ? null : cookie }
          const load = await loadPage(browser, visit, times)
          for (const name of ['jsGzipKb', 'lcpMs', 'cls'] as const) worst[name] = Math.max(worst[name], load[name])
          tell({ bench: 'page', ...host(), arm: `${page}, ${width} px, ${person}`, ...load })
        }
  } finally {
    await browser.close()
  }
  return worst
}

/** The lowest score of all pages. */
async function lighthouse({ baseUrl }: PageContext, times: number): Promise<number> {
  let lowest = 100
  for (const [page, path] of Object.entries(PAGES)) {
    const { n, ...scores } = await scorePage(baseUrl + path, times)
    lowest = Math.min(lowest, ...Object.values(scores))
    tell({ bench: 'page', ...host(), arm: `${page}, Lighthouse`, n, ...scores })
  }
  return lowest
}

/** How much of a bare page's rate the lesson has, for somebody who is signed in. */
async function rate(ctx: PageContext, rounds: number): Promise<number> {
  const { ours, bare } = await compareRates(ctx, LESSON, rounds)
  const round = (value: number) => Math.round(value * 100) / 100
  for (const [arm, { perSecond, times }] of Object.entries({ 'lesson, 200/s': ours, 'bare page, 200/s': bare }))
    tell({ bench: 'page', ...host(), arm, perSecond: round(perSecond), ...summary(times) })
  return round(ours.perSecond / bare.perSecond)
}
