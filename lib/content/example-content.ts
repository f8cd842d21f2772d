import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** For tests: the smallest content folder that has one challenge and one lesson and no problem. */
const EXAMPLE: Record<string, string> = {
  'challenges/one/challenge.md':
    '---\ntitle: One\nsummary: The one\nlevel: beginner\nminutes: 5\ntopics: [networking]\n---\nText.\n',
  'challenges/one/lab.yaml':
    'machines: [{ name: box, profile: root }]\ntasks:\n  - id: up\n    title: It is up\n    check: { run: checks/up.sh }\n',
  'challenges/one/checks/up.sh': 'pass "It is up."\n',
  'challenges/one/solution/01-box.sh': 'ip link\n',
  'courses/nets/course.yaml': 'title: Nets\nsummary: All about nets\nlevel: beginner\norder: 1\n',
  'courses/nets/01-first/lesson.md':
    '---\ntitle: First\nsummary: The first\nlevel: beginner\nminutes: 5\ntopics: [networking]\n---\n\nText.\n\n::challenge{#one}\n',
}

/** Writes files (null: leaves one of the example's out) into a new temporary folder and returns its path. */
export function contentFolder(changes: Record<string, string | null> = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'drydock-content-'))
  for (const [file, text] of Object.entries({ ...EXAMPLE, ...changes })) {
    if (text === null) continue
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  return root
}
