import { gzipSync } from 'node:zlib'
import { type Browser, type BrowserContext, chromium, type Page } from '@playwright/test'
import { percentile } from '#bench/stats.ts'
import { CHROMIUM, CHROMIUM_FLAGS } from '#scripts/chromium.ts'

/** A page is done when for so long nothing was painted larger, shifted, fetched or computed. */
const QUIET_MS = 1000

/** kB are 1,000 bytes, compressed as the server may; CLS is the sum of all shifts that no input caused. */
export type Load = { jsGzipKb: number; lcpMs: number; cls: number; lcpElement: string }
export type Visit = { url: string; width: number; cookie: string | null }

type Vitals = { lcpMs: number; cls: number; lcpElement: string; busyAt: number }
declare global {
  interface Window {
    vitals: Vitals
  }
}

export const launchBrowser = (): Promise<Browser> => chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_FLAGS })

/** Loads a page so many times, each time with an empty cache: the worst of each figure, but of the times the median. */
export async function loadPage(browser: Browser, visit: Visit, times: number): Promise<Load & { n: number }> {
  const loads: Load[] = []
  for (let n = 0; n < times; n++) loads.push(await loadOnce(browser, visit))
  const all = <Name extends keyof Load>(name: Name) => loads.map((load) => load[name])
  return {
    n: loads.length,
    jsGzipKb: Math.max(...all('jsGzipKb')),
    lcpMs: percentile(all('lcpMs'), 0.5),
    cls: Math.max(...all('cls')),
    lcpElement: loads[0]?.lcpElement ?? '',
  }
}

async function loadOnce(browser: Browser, { url, width, cookie }: Visit): Promise<Load> {
  const context = await browser.newContext({ viewport: { width, height: 800 } })
  try {
    if (cookie) await context.addCookies(cookiesOf(cookie, url))
    await watchVitals(context)
    const page = await context.newPage()
    const scripts = weighScripts(page)
    await page.goto(url, { waitUntil: 'load' })
    await page.waitForFunction((quietMs) => performance.now() - window.vitals.busyAt > quietMs, QUIET_MS)
    const { lcpMs, cls, lcpElement } = await page.evaluate(() => window.vitals)
    return {
      jsGzipKb: Math.round((await scripts()) / 100) / 10,
      lcpMs: Math.round(lcpMs),
      cls: Math.round(cls * 1000) / 1000,
      lcpElement,
    }
  } finally {
    await context.close()
  }
}

const cookiesOf = (header: string, url: string) =>
  header.split('; ').map((pair) => {
    const at = pair.indexOf('=')
    return { name: pair.slice(0, at), value: pair.slice(at + 1), url }
  })

function weighScripts(page: Page): () => Promise<number> {
  const sizes: Promise<number>[] = []
  page.on('response', (response) => {
    if (response.request().resourceType() !== 'script') return
    sizes.push(
      response.body().then(
        (body) => gzipSync(body).length,
        () => 0,
      ),
    )
  })
  return async () => (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

/** As the browser itself measures them. */
async function watchVitals(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const vitals: Vitals = { lcpMs: 0, cls: 0, lcpElement: '', busyAt: 0 }
    window.vitals = vitals
    const observe = (type: string, note: (entry: PerformanceEntry) => void) =>
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
          vitals.busyAt = performance.now()
          note(entry)
        }
      }).observe({ type, buffered: true })
    observe('largest-contentful-paint', (entry) => {
      const { element } = entry as PerformanceEntry & { element?: Element }
      vitals.lcpMs = entry.startTime
      vitals.lcpElement = element ? `${element.tagName.toLowerCase()}: ${element.textContent?.slice(0, 40)}` : ''
    })
    observe('layout-shift', (entry) => {
      const shift = entry as PerformanceEntry & { value: number; hadRecentInput: boolean }
      if (!shift.hadRecentInput) vitals.cls += shift.value
    })
    for (const type of ['resource', 'longtask', 'paint']) observe(type, () => {})
  })
}
