import { readFile } from 'node:fs/promises'
import { expect, test } from '@playwright/test'
import { parse } from 'yaml'
import { signIn } from './support/sign-in.ts'
import { terminalOf, useReadableTerminal } from './support/terminal.ts'

const FOLDER = 'content/courses/container-networking/03-out-of-the-box'
const PAGE = '/learn/container-networking/out-of-the-box'
test.use({ viewport: { width: 1440, height: 900 } })

test('a lesson: an answer is typed and judged, a hidden fault is named and mended', async ({ page }) => {
  test.setTimeout(240_000)
  await useReadableTerminal(page)
  const terminal = terminalOf(page)
  const task = (id: string) => page.getByTestId(`task-${id}`)
  await signIn(page, PAGE)
  const broken = page.getByRole('button', { name: 'Break something', exact: true })
  await expect(broken).toBeDisabled()
  await page.getByRole('button', { name: 'Start the machine' }).click()
  await expect(page.getByTestId('sandbox-state')).toHaveAttribute('data-state', 'ready', { timeout: 90_000 })

  // Only what works can be broken, and the page says so.
  await broken.click()
  await expect(page.getByText(/Only what works can be broken/)).toBeVisible()
  await terminal.run('echo $((40+2))', /^42$/m)
  for (const line of (await readFile(`${FOLDER}/solution/01-box.sh`, 'utf8')).trimEnd().split('\n')) {
    if (line.startsWith('#@')) continue
    await page.keyboard.type(line)
    await page.keyboard.press('Enter')
  }
  await expect(task('masquerade')).toHaveAttribute('data-verdict', 'pass', { timeout: 60_000 })

  const field = task('envelope').getByRole('textbox')
  await field.fill('02:00:00:00:00:01')
  await field.press('Enter')
  await expect(task('envelope')).toHaveAttribute('data-verdict', 'not-yet', { timeout: 30_000 })
  await terminal.run('echo mac $(cat /sys/class/net/switch/address) end', /^mac \S+ end$/m)
  const [, mac = ''] = /^mac (\S+) end$/m.exec(await terminal.screen()) ?? []
  await field.fill(mac)
  await field.press('Enter')
  await expect(task('envelope')).toHaveAttribute('data-verdict', 'pass', { timeout: 30_000 })

  await broken.click()
  const question = page.getByRole('group', { name: /Something is broken now/ })
  await expect(question).toBeVisible({ timeout: 30_000 })
  const faults: { id: string; layer: string }[] = parse(await readFile(`${FOLDER}/lab.yaml`, 'utf8')).scenes.silence
  let right = ''
  for (const { id, layer } of faults) {
    await question.getByRole('radio', { name: layer }).check()
    await question.getByRole('button', { name: 'That is my diagnosis' }).click()
    const told = question.getByText(/^(?:Right\. Now mend it|Not there\. Look again)\.$/)
    await expect(told).toBeVisible()
    if ((await told.textContent())?.startsWith('Right')) right = id
    if (right) break
  }
  expect(faults.map(({ id }) => id)).toContain(right)
  await terminal.section.getByRole('textbox', { name: 'Terminal input' }).focus()
  await page.keyboard.type((await readFile(`${FOLDER}/mend/silence--${right}.sh`, 'utf8')).trim())
  await page.keyboard.press('Enter')
  await expect(page.getByText('Mended. It works again.')).toBeVisible({ timeout: 60_000 })
  await expect(page.getByRole('button', { name: 'Break something else' })).toBeEnabled()
  await page.getByRole('button', { name: 'End', exact: true }).click()
  await page.getByRole('button', { name: 'End the machine' }).click()
  await expect(page.getByTestId('sandbox-state')).toHaveAttribute('data-state', 'ended', { timeout: 90_000 })
})
