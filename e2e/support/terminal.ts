import { expect, type Page } from '@playwright/test'

/** The terminal of the page, read as a screen reader reads it: with WebGL there is no text in the page otherwise. */
export async function useReadableTerminal(page: Page): Promise<void> {
  await page.addInitScript(() => localStorage.setItem('drydock.terminal.screen-reader', '1'))
}

export function terminalOf(page: Page) {
  const section = page.getByRole('region', { name: /^Terminal main/ })
  const screen = async () => {
    const rows = await section.locator('.xterm-accessibility-tree > *').allInnerTexts()
    return rows.map((row) => row.replaceAll(' ', ' ').trimEnd()).join('\n')
  }
  return {
    section,
    screen,
    /** Types a line on the keyboard and waits for `answer`, which must not be part of what is typed. */
    run: async (line: string, answer: RegExp) => {
      await section.getByRole('textbox', { name: 'Terminal input' }).focus()
      await page.keyboard.type(line)
      await page.keyboard.press('Enter')
      await expect.poll(screen, { timeout: 20_000 }).toMatch(answer)
    },
  }
}
