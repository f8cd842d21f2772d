import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { run } from '#scripts/child.ts'
import { ROOT } from '#scripts/paths.ts'

/** Does what the authors' guide says, from an empty folder: every command, every file, in its order. */

const mine = mkdtempSync(join(tmpdir(), 'drydock-guide-'))
afterAll(() => rmSync(mine, { recursive: true }))

const FENCE = /^```(?<language>sh|yaml|md)(?: file=(?<file>\S+))?\n(?<text>.*?)^```$/gms
const guide = readFileSync(join(ROOT, 'docs/authors-guide.md'), 'utf8').replaceAll('../mine', mine)
const steps = [...guide.matchAll(FENCE)].map(({ groups }) => groups ?? {})

test('the guide yields a proven lab', { timeout: 600_000 }, async () => {
  expect(steps.filter(({ file }) => file).length).toBeGreaterThan(4)
  for (const { file, text = '' } of steps) {
    if (file) {
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, text)
      continue
    }
    for (const line of text.trimEnd().split('\n')) {
      const { code, lines } = await run('bash', ['-c', line], { cwd: ROOT, env: process.env, allowFailure: true })
      expect(code, `${line}\n${lines.join('\n')}`).toBe(0)
    }
  }
})
