import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import postcss from 'postcss'
import { expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
const styles = globSync('app/**/*.css', { cwd: ROOT }).map((path) =>
  postcss.parse(readFileSync(join(ROOT, path), 'utf8')),
)

/** Every font size that a screen shows; paper has its own. */
function* fontSizes(): Generator<string> {
  for (const root of styles) {
    for (const node of root.nodes) {
      if (node.type === 'atrule' && node.name === 'media' && node.params === 'print') continue
      const found: string[] = []
      if ('walkDecls' in node) node.walkDecls('font-size', ({ value }) => void found.push(value))
      yield* found
    }
  }
}

it('has at most seven sizes of type', () => {
  const names = new Set<string>()
  for (const root of styles) root.walkDecls(/^--text-[a-z0-9]+$/, ({ prop }) => void names.add(prop))
  names.delete('--text-*')
  expect(names.size).toBeGreaterThan(3)
  expect(names.size).toBeLessThanOrEqual(7)
})

it('uses no other size in its stylesheets', () => {
  const sizes = [...fontSizes()]
  expect(sizes.length).toBeGreaterThan(5)
  expect(sizes.filter((size) => !/^(var\(--text-[a-z0-9]+\)|inherit|100%)$/.test(size))).toEqual([])
})

it('uses no other size in its components', () => {
  const own = globSync('{app,components}/**/*.tsx', { cwd: ROOT }).flatMap((path) =>
    [...readFileSync(join(ROOT, path), 'utf8').matchAll(/\btext-\[\d[^\]]*\]|style=\{\{[^}]*fontSize/g)].map(
      ([size]) => `${path}: ${size}`,
    ),
  )
  expect(own).toEqual([])
})
