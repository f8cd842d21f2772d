import { defineConfig } from '@playwright/test'
import { CHROMIUM, CHROMIUM_FLAGS } from '#scripts/chromium.ts'

/** Run by `npm test -- --only browser`, which serves the production build and names it in BASE_URL. */
export default defineConfig({
  testDir: 'e2e',
  // One cluster, one Chromium: one test at a time.
  workers: 1,
  fullyParallel: false,
  retries: 0,
  timeout: 120_000,
  forbidOnly: true,
  outputDir: 'test-results',
  use: {
    ...(process.env.BASE_URL ? { baseURL: process.env.BASE_URL } : {}),
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: CHROMIUM,
      args: [...CHROMIUM_FLAGS, '--enable-unsafe-swiftshader'],
    },
  },
})
