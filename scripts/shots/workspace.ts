import { NEVER_ROOM } from '#lib/sandbox/problems.ts'
import {
  CHALLENGE,
  IN_45,
  LESSON,
  openByKeys,
  type Scene,
  sandbox,
  scrollTo,
  sql,
  tasksTab,
  terminalTab,
} from './scene.ts'

const NONE = 'null::timestamp, null::timestamp'
const READY = sandbox(
  `state = 'ready', ${IN_45}`,
  `('namespaces', 'not-yet', 'there is no namespace named blue', ${NONE})`,
)

const inState = (name: string, set: string): Scene => ({
  name,
  path: CHALLENGE,
  signedIn: true,
  play: sandbox(set),
  pose: terminalTab,
})

/** A question that a button of the machine's bar opens. */
const dialog = (name: string, button: string): Scene => ({
  name,
  path: CHALLENGE,
  signedIn: true,
  play: READY,
  pose: async (page) => {
    await (button === 'Show the solution' ? tasksTab(page) : terminalTab(page))
    await page.getByRole('button', { name: button, exact: true }).click()
    await page.getByRole('dialog').waitFor()
  },
})

const clusterIs = (set: string) => sql(`update "ClusterStatus" set ${set} where id = 1`)
const clusterIsReady = clusterIs(`state = 'ready', component = '', step = '', message = null, "etaSeconds" = null`)
const BUILDING = `state = 'building', component = 'kube-apiserver', step = 'compiling', done = 61, total = 100, "etaSeconds" = 240`

/** Lessons and challenges with a lab, in every state that needs no machine to run. */
export const WORKSPACE: Scene[] = [
  { name: 'lesson', path: LESSON },
  { name: 'lesson-predict', path: LESSON, pose: scrollTo(/^Predict first$/) },
  { name: 'lesson-kubernetes', path: '/learn/kubernetes-by-analogy/the-box-is-back' },
  {
    name: 'lesson-cluster-is-building',
    path: LESSON,
    play: clusterIs(BUILDING),
    strike: clusterIsReady,
  },
  {
    name: 'lesson-cluster-failed',
    path: LESSON,
    play: clusterIs(`state = 'failed', message = 'This machine has no /dev/fuse, which containers need.'`),
    strike: clusterIsReady,
  },
  { name: 'challenge', path: CHALLENGE },
  { name: 'challenge-kubernetes', path: '/challenges/three-helpers', pose: tasksTab },
  {
    name: 'challenge-text-alone',
    path: CHALLENGE,
    signedIn: true,
    play: async ({ page }) => {
      await page.goto(CHALLENGE)
      await page.getByRole('button', { name: 'Hide the machine' }).click()
    },
  },
  {
    name: 'challenge-tasks-folded',
    path: CHALLENGE,
    signedIn: true,
    play: async ({ page }) => {
      await page.goto(CHALLENGE)
      await page.getByRole('button', { name: 'Fold the tasks up' }).click()
    },
    pose: terminalTab,
  },
  {
    name: 'palette',
    path: CHALLENGE,
    signedIn: true,
    pose: (page) => openByKeys(page, 'Control+k', page.getByRole('combobox')),
  },
  {
    name: 'palette-nothing',
    path: CHALLENGE,
    pose: async (page) => {
      await openByKeys(page, 'Control+k', page.getByRole('combobox'))
      await page.getByRole('combobox').fill('nothing like it')
    },
  },
  { name: 'challenge-terminal-tab', path: CHALLENGE, signedIn: true, pose: terminalTab },
  { name: 'challenge-tasks-tab', path: CHALLENGE, signedIn: true, pose: tasksTab },
  {
    name: 'offline',
    path: CHALLENGE,
    signedIn: true,
    pose: async (page) => {
      await terminalTab(page)
      await page.context().setOffline(true)
      await page.getByRole('button', { name: 'Start the machine' }).click()
      await page.getByText('The site cannot be reached.').waitFor()
    },
  },
  {
    ...inState('signed-out-meanwhile', `state = 'ready', ${IN_45}`),
    before: (page) =>
      page.route('**/api/sandboxes/**', (route) =>
        route.fulfill({ status: 401, json: { error: { code: 'unauthenticated', message: 'Please sign in first.' } } }),
      ),
    pose: async (page) => {
      await terminalTab(page)
      await page.getByText('You are signed out, so').waitFor()
    },
  },
  inState('queued', `state = 'queued'`),
  {
    ...inState('queued-cluster-is-building', `state = 'queued'`),
    play: async (stage) => {
      await sandbox(`state = 'queued'`)(stage)
      await clusterIs(BUILDING)(stage)
    },
    strike: clusterIsReady,
  },
  inState(
    'provisioning',
    `state = 'provisioning', reason = 'The image of your machine cannot be fetched right now; trying again.'`,
  ),
  {
    name: 'provisioning-step',
    path: '/challenges/a-house-with-a-porter',
    signedIn: true,
    play: sandbox(
      `state = 'provisioning', preparation = '{"running":["Building the street in front of the house"],"steps":{},"done":false}'`,
      '',
      'challenges/a-house-with-a-porter',
    ),
    pose: terminalTab,
  },
  {
    ...inState('terminal-is-loading', `state = 'ready', ${IN_45}`),
    // The emulator never arrives.
    before: (page) =>
      page.route('**/_next/static/chunks/*.js', async (route) => {
        const response = await route.fetch().catch(() => null)
        if (!response) await route.abort()
        else if (!(await response.text()).includes('xterm-screen')) await route.fulfill({ response })
      }),
  },
  {
    name: 'degraded',
    path: CHALLENGE,
    signedIn: true,
    play: sandbox(
      `state = 'degraded', reason = 'Part of the machine is restarting.', ${IN_45}`,
      `('namespaces', 'pass', 'red and blue are two networks', now()::timestamp, null::timestamp),
       ('cable', 'not-yet', 'no cable between red and blue', null, now()::timestamp - interval '3 minutes'),
       ('tidy', 'broken', 'exit code 127', null, null)`,
    ),
    pose: tasksTab,
  },
  inState('degraded-terminal', `state = 'degraded', reason = 'Part of the machine is restarting.', ${IN_45}`),
  inState('expiring', `state = 'ready', "readyAt" = now(), "expiresAt" = now() + interval '4 minutes'`),
  inState(
    'expiring-for-good',
    `state = 'ready', extensions = 10, "readyAt" = now(), "expiresAt" = now() + interval '55 seconds'`,
  ),
  {
    name: 'stuck',
    path: CHALLENGE,
    signedIn: true,
    play: sandbox(
      `state = 'ready', "readyAt" = now() - interval '10 minutes', "expiresAt" = now() + interval '35 minutes'`,
      `('namespaces', 'not-yet', 'there is no namespace named blue', ${NONE})`,
    ),
    pose: async (page) => {
      // The countdown is there once the page is alive, and with it the clock of the five minutes.
      await page.getByText('Time left:').waitFor({ state: 'attached' })
      await page.clock.fastForward('06:00')
      await tasksTab(page)
      await page.getByRole('region', { name: 'Help' }).waitFor()
    },
    before: (page) => page.clock.install(),
  },
  {
    name: 'hints',
    path: CHALLENGE,
    signedIn: true,
    play: async (stage) => {
      await READY(stage)
      await sql(
        `insert into "HintUse" ("attemptId", "taskId", index) select id, 'namespaces', i from "Attempt", generate_series(0, 1) i`,
      )(stage)
    },
    pose: tasksTab,
  },
  {
    name: 'assisted',
    path: CHALLENGE,
    signedIn: true,
    play: async (stage) => {
      await READY(stage)
      await sql(`update "Attempt" set assisted = true`)(stage)
    },
    pose: tasksTab,
  },
  dialog('dialog-reset', 'Reset'),
  dialog('dialog-end', 'End'),
  dialog('dialog-solution', 'Show the solution'),
  inState('ending', `state = 'ending', ${IN_45}`),
  inState('expired', `state = 'ended', "expiresAt" = now() - interval '1 minute', "endedAt" = now()`),
  inState('ended', `state = 'ended', reason = 'You ended it.', "endedAt" = now()`),
  inState('failed', `state = 'failed', reason = '${NEVER_ROOM}', "endedAt" = now()`),
  inState(
    'lost',
    `state = 'lost', reason = 'The node under your machine went away. That was not your doing.', "endedAt" = now()`,
  ),
  {
    name: 'solved',
    path: CHALLENGE,
    signedIn: true,
    play: async (stage) => {
      await sandbox(
        `state = 'ended', "readyAt" = now() - interval '12 minutes', "endedAt" = now()`,
        `('namespaces', 'pass', 'red and blue are two networks', now()::timestamp, null::timestamp),
         ('cable', 'pass', 'red-end and blue-end are two ends of one cable', now(), null),
         ('addresses', 'pass', '192.168.77.1 and 192.168.77.2, both up', now(), null),
         ('ping', 'pass', 'answers both ways', now(), null),
         ('tidy', 'pass', 'nothing of it was changed', now(), null)`,
      )(stage)
      await sql(`update "Attempt" set "solvedAt" = now()`)(stage)
    },
    pose: tasksTab,
  },
]
