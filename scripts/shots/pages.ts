import { LESSON, openByKeys, type Scene, sandbox, sql } from './scene.ts'

const LINK = `/signin/link?${new URLSearchParams({ email: 'ada.lovelace@example.org', token: '0'.repeat(64) })}`
/** Of no link that the start-up output showed. */
const FIRST_ADMIN = `/signin/admin?token=${'0'.repeat(64)}`

const SOLVED_AND_MORE = sql(
  `insert into "Lab" (id) values ('challenges/three-helpers') on conflict do nothing`,
  `insert into "Attempt" (id, "userId", "labId", "startedAt", "solvedAt", assisted)
   select 'a1', id, 'challenges/three-helpers', now() - interval '2 days', now() - interval '2 days' + interval '31 minutes', false from "User"`,
  `insert into "Attempt" (id, "userId", "labId", "startedAt", "solvedAt", assisted)
   select 'a2', id, 'challenges/three-helpers', now() - interval '1 day', now() - interval '1 day' + interval '9 minutes', true from "User"`,
  `insert into "HintUse" ("attemptId", "taskId", index) values ('a1', 'shop', 0), ('a1', 'shop', 1)`,
  `insert into "LessonVisit" ("userId", "lessonId") select id, 'courses/container-networking/a-network-of-one' from "User"`,
)

/** The pages that are read, searched and filled in. */
export const PAGES: Scene[] = [
  { name: 'home', path: '/', whole: true },
  { name: 'home-signed-in', path: '/', signedIn: true, whole: true },
  { name: 'home-no-javascript', path: '/', javaScript: false, whole: true },
  { name: 'catalogue', path: '/learn', whole: true },
  {
    name: 'catalogue-progress',
    path: '/learn',
    signedIn: true,
    whole: true,
    play: async (stage) => {
      await sandbox(`state = 'queued'`)(stage)
      await SOLVED_AND_MORE(stage)
    },
  },
  { name: 'catalogue-search', path: '/learn?q=netwrok', signedIn: true },
  { name: 'catalogue-filters', path: '/learn?level=beginner&time=40&done=no', signedIn: true, whole: true },
  { name: 'catalogue-nothing', path: '/learn?q=nothing-is-called-this', signedIn: true },
  { name: 'lesson-no-javascript', path: LESSON, javaScript: false, whole: true },
  { name: 'lesson-print', path: LESSON, media: 'print', whole: true },
  {
    name: 'shortcuts',
    path: '/learn',
    pose: (page) => openByKeys(page, 'Control+/', page.getByRole('dialog')),
  },
  { name: 'progress-empty', path: '/me', signedIn: true },
  {
    name: 'progress',
    path: '/me',
    signedIn: true,
    whole: true,
    play: async (stage) => {
      await sandbox(`state = 'ready', "readyAt" = now(), "expiresAt" = now() + interval '45 minutes'`)(stage)
      await SOLVED_AND_MORE(stage)
    },
  },
  { name: 'sign-in', path: '/signin' },
  {
    name: 'sign-in-no-name',
    path: '/signin',
    pose: async (page) => {
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByText('A name has 1 to 40').last().waitFor()
    },
  },
  { name: 'sign-in-cancelled', path: '/signin?error=cancelled' },
  { name: 'sign-in-signed-out', path: '/signin?error=signed-out' },
  { name: 'sign-in-other-way', path: '/signin?error=OAuthAccountNotLinked' },
  {
    name: 'sign-in-sent',
    path: '/signin',
    before: (page) =>
      page.route('**/api/auth/signin/email', (route) =>
        route.fulfill({ json: { url: new URL('/signin?sent=1', route.request().url()).href } }),
      ),
    pose: async (page) => {
      await page.getByLabel('Your e-mail address').fill('ada.lovelace@a-very-long-department-name.example.org')
      await page.getByRole('button', { name: 'Send me a link' }).click()
      await page.getByText('Check your inbox').waitFor()
    },
  },
  { name: 'sign-in-link', path: LINK },
  { name: 'sign-in-link-broken', path: '/signin/link' },
  { name: 'sign-in-link-expired', path: '/signin?error=Verification' },
  { name: 'first-admin', path: FIRST_ADMIN, signedIn: true },
  {
    name: 'first-admin-refused',
    path: FIRST_ADMIN,
    signedIn: true,
    pose: async (page) => {
      await page.getByRole('button', { name: 'Make me administrator' }).click()
      await page.getByText('This link is used up').waitFor()
    },
  },
  { name: 'sign-in-no-javascript', path: '/signin', javaScript: false },
  {
    name: 'settings',
    path: '/me/settings',
    signedIn: true,
    whole: true,
    play: sql(
      `insert into "SignIn" (id, "userId", "userAgent", "lastSeenAt") select 's1', id, 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1', now() - interval '3 days' from "User"`,
      `insert into "SignIn" (id, "userId", "userAgent") select 's2', id, '' from "User"`,
    ),
  },
  {
    name: 'settings-refused',
    path: '/me/settings',
    signedIn: true,
    whole: true,
    pose: async (page) => {
      await page.getByLabel('Display name').fill('   ')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByText('A name has 1 to 40 characters that').waitFor()
      await page.getByRole('button', { name: 'Delete my account' }).click()
      await page.getByText('Nothing was deleted.').waitFor()
    },
  },
  {
    name: 'settings-sign-out-everywhere',
    path: '/me/settings',
    signedIn: true,
    pose: (page) => page.getByRole('button', { name: 'Sign out everywhere' }).click(),
  },
  { name: 'not-found', path: '/no-such-sheet' },
  {
    name: 'error',
    path: '/me',
    signedIn: true,
    play: sql('alter table "Attempt" rename to "Attempt_away"'),
    strike: sql('alter table "Attempt_away" rename to "Attempt"'),
  },
  {
    name: 'error-without-frame',
    path: '/me',
    signedIn: true,
    play: sql('alter table "SignIn" rename to "SignIn_away"'),
    strike: sql('alter table "SignIn_away" rename to "SignIn"'),
  },
]
