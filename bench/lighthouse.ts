import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { percentile } from '#bench/stats.ts'
import { run } from '#scripts/child.ts'
import { CHROMIUM, CHROMIUM_FLAGS } from '#scripts/chromium.ts'

/** Not a dependency: it would bring every installation some hundred packages, telemetry among them, for this one bench. */
const LIGHTHOUSE = 'lighthouse@13.5.0'
/** On a busy machine its browser loses the page now and then (NO_NAVSTART). */
const TRIES = 3
const CATEGORIES = ['performance', 'accessibility', 'best-practices', 'seo'] as const

const score = z.object({ score: z.number() }) // null when the page could not be loaded
const reportSchema = z.object({
  categories: z.object({ performance: score, accessibility: score, 'best-practices': score, seo: score }),
})

export type Scores = Record<(typeof CATEGORIES)[number], number>

/** A page's scores from 0 to 100, the median of so many runs: a phone of the middle class on a slow network, as Lighthouse simulates it. */
export async function scorePage(url: string, times: number): Promise<Scores & { n: number }> {
  const runs: Scores[] = []
  for (let n = 0; n < times; n++) runs.push(await scoreOnce(url, TRIES))
  const median = (category: keyof Scores) =>
    percentile(
      runs.map((scores) => scores[category]),
      0.5,
    )
  const [performance, accessibility, bestPractices, seo] = CATEGORIES.map(median)
  return {
    n: runs.length,
    performance: performance ?? 0,
    accessibility: accessibility ?? 0,
    'best-practices': bestPractices ?? 0,
    seo: seo ?? 0,
  }
}

async function scoreOnce(url: string, tries: number): Promise<Scores> {
  const folder = mkdtempSync(join(tmpdir(), 'drydock-lighthouse-'))
  const file = join(folder, 'report.json')
  try {
    const flags = ['--headless=new', '--disable-gpu', ...CHROMIUM_FLAGS].join(' ')
    const options = ['--quiet', '--output=json', `--output-path=${file}`, '--no-enable-error-reporting']
    await run('npx', ['--yes', LIGHTHOUSE, url, ...options, `--chrome-flags=${flags}`], {
      env: { ...process.env, CHROME_PATH: CHROMIUM },
    })
    const { categories } = reportSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
    const percent = (category: keyof Scores) => Math.round(categories[category].score * 100)
    return {
      performance: percent('performance'),
      accessibility: percent('accessibility'),
      'best-practices': percent('best-practices'),
      seo: percent('seo'),
    }
  } catch (error) {
    if (tries <= 1) throw error
    return await scoreOnce(url, tries - 1)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
