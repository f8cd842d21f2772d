import { rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { contentFolder } from '#lib/content/example-content.ts'

const root = contentFolder()
const LAB = 'challenges/one'
let later = Date.now()

beforeAll(() => {
  vi.stubEnv('CONTENT_DIR', root)
  vi.stubEnv('AUTHORING', '1')
  vi.stubEnv('NEXTAUTH_URL', 'http://localhost:4200')
})
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(root, { recursive: true })
})

/** Saves a file as an editor does, a moment later than the last time. */
function save(file: string, text: string): void {
  later += 1000
  writeFileSync(join(root, file), text)
  utimesSync(join(root, file), new Date(later), new Date(later))
}
const lab = (task: string) => `machines: [{ name: box, profile: root }]\ntasks:\n  - ${task}\n`
const UP = '{ id: up, title: It is up, check: { run: checks/up.sh } }'

it('gives a live sandbox the lab as its files are now, but never half of a start', async () => {
  const { followContent } = await import('#lib/authoring/follow-content.ts')
  const { getAuthoring } = await import('#lib/authoring/get-authoring.ts')
  const { labOf } = await import('#lib/content/catalogue.ts')
  const { getSandboxView } = await import('#lib/sandbox/get-sandbox-view.ts')
  const { startSandbox } = await import('#lib/sandbox/start-sandbox.ts')
  const { ownUser } = await import('#lib/sandbox/testing.ts')
  await using user = await ownUser()
  const { userId } = user
  const { id: sandboxId } = await startSandbox({ userId, labId: LAB, loadLab: labOf })
  const titles = async () => (await getSandboxView({ userId, sandboxId })).tasks.map(({ title }) => title)
  const inspect = async () => (await getAuthoring({ userId, labId: LAB })).inspection

  expect(await followContent()).toBe(0)
  save(`${LAB}/lab.yaml`, lab(UP.replace('It is up', 'It runs')))
  expect(await followContent()).toBe(1)
  expect(await titles()).toEqual(['It runs'])

  save(`${LAB}/checks/up.sh`, 'not_yet "Not at all."\n')
  expect(await followContent()).toBe(1)
  expect(await inspect()).toMatchObject({
    sandboxId,
    needsReset: false,
    tasks: [{ id: 'up', source: 'not_yet "Not at all."\n', last: null }],
  })

  // A mistake is told, and the sandbox stays with what it has.
  save(`${LAB}/lab.yaml`, lab('{ id: up, titel: It is up, check: { run: checks/up.sh } }'))
  expect(await followContent()).toBe(0)
  const { problems, stamp } = await getAuthoring({ userId, labId: LAB })
  expect(problems.join('\n')).toMatch(/challenges\/one\/lab\.yaml:3:\d+: .*titel.*did you mean title\?/)

  save(`${LAB}/lab.yaml`, lab(UP).replace('root', 'shell'))
  expect((await getAuthoring({ userId, labId: LAB })).stamp).not.toBe(stamp)
  expect(await followContent()).toBe(0)
  expect(await inspect()).toMatchObject({ needsReset: true })
  expect(await titles()).toEqual(['It runs'])
})

it('shows checks to nobody but whoever runs the sandbox', async () => {
  const { getAuthoring } = await import('#lib/authoring/get-authoring.ts')
  const { ownUser } = await import('#lib/sandbox/testing.ts')
  await using other = await ownUser()
  expect((await getAuthoring({ userId: other.userId, labId: LAB })).inspection).toBeNull()
})
