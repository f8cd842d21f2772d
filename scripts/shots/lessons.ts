import type { Page } from '@playwright/test'
import { IN_45, type Scene, type Stage, sandbox, scrollTo, sql, tasksTab, terminalTab } from './scene.ts'

const READY = `state = 'ready', ${IN_45}`
const OUT_OF_THE_BOX = 'container-networking/out-of-the-box'

/** A lesson's page with its machine running, and what its tasks are at. */
const running = (lesson: string, results: string) => sandbox(READY, results, `courses/${lesson}`)
const result = (task: string, verdict: 'pass' | 'not-yet', evidence: string) =>
  `('${task}', '${verdict}', '${evidence}', ${verdict === 'pass' ? 'now()::timestamp' : 'null::timestamp'}, null::timestamp)`

/** The hidden fault of a lesson as it is asked for, seen and mended. */
const broken = (name: string, columns: string, values: string): Scene => ({
  name,
  path: `/learn/${OUT_OF_THE_BOX}`,
  signedIn: true,
  play: async (stage: Stage) => {
    await running(OUT_OF_THE_BOX, result('forward', 'pass', 'net.ipv4.ip_forward is 1'))(stage)
    if (values) {
      const row = `insert into "Fault" ("sandboxId", scene, "faultId"${columns}) select id, 'silence', 'forward'${values} from "Sandbox"`
      await sql(row)(stage)
    }
  },
  pose: scrollTo(/^Broken on purpose$/),
})

const challenge = (slug: string, pose: (page: Page) => Promise<unknown>, results = ''): Scene => ({
  name: `challenge-${slug}`,
  path: `/challenges/${slug}`,
  signedIn: true,
  play: sandbox(READY, results, `challenges/${slug}`),
  pose,
})

/** What only some labs have: answers that are typed, hidden faults, tabs; and what authors see beside the page. */
export const LESSONS: Scene[] = [
  { name: 'lesson-cable', path: '/learn/container-networking/the-cable-and-the-switch', whole: true },
  { name: 'lesson-out-of-the-box', path: `/learn/${OUT_OF_THE_BOX}`, whole: true },
  { name: 'lesson-did-you-start', path: '/learn/boxes-and-processes/what-did-you-just-start', whole: true },
  { name: 'lesson-crowd', path: '/learn/kubernetes-by-analogy/a-name-for-a-crowd', whole: true },
  { name: 'lesson-be-kube-proxy', path: '/learn/kubernetes-by-analogy/be-kube-proxy', whole: true },
  broken('break-whole', '', ''),
  broken('break-asked', ', "askedAt"', ', now()'),
  broken('break-broken', ', "injectedAt", "brokenAt"', ', now(), now()'),
  broken('break-named', ', "injectedAt", "brokenAt", named', ", now(), now(), 'The sender is not replaced'"),
  broken('break-mended', ', "injectedAt", "brokenAt", "mendedAt"', ', now(), now(), now()'),
  {
    name: 'answer',
    path: '/learn/boxes-and-processes/what-did-you-just-start',
    signedIn: true,
    play: async (stage) => {
      await running(
        'boxes-and-processes/what-did-you-just-start',
        [result('up', 'pass', 'nginx runs'), result('pid', 'not-yet', '12 is no process of the container')].join(),
      )(stage)
      await sql(
        `insert into "Answer" ("attemptId", "taskId", value, "judgedAt") select id, 'pid', '12', now() from "Attempt"`,
      )(stage)
    },
    pose: tasksTab,
  },
  challenge('four-questions', tasksTab, result('runs', 'pass', 'The server runs in a container, as it was asked for.')),
  challenge('a-house-with-a-porter', tasksTab),
  challenge('nobody-answers', tasksTab),
  {
    name: 'ports',
    path: '/challenges/three-helpers',
    signedIn: true,
    play: async (stage) => {
      await sandbox(READY, '', 'challenges/three-helpers')(stage)
      await sql(
        `update "LabVersion" set definition = jsonb_set(definition, '{lab,ports}', '[{"service":"shop","port":80,"title":"The shop"},{"service":"weather","port":80,"title":"What the weather service says"}]') where "labId" = 'challenges/three-helpers'`,
      )(stage)
    },
    pose: terminalTab,
    strike: sql(
      `update "LabVersion" set definition = definition #- '{lab,ports}' where "labId" = 'challenges/three-helpers'`,
    ),
  },
  {
    name: 'author',
    path: '/challenges/a-house-with-a-porter',
    signedIn: true,
    authoring: true,
    play: async (stage) => {
      await sandbox(READY, '', 'challenges/a-house-with-a-porter')(stage)
      await sql(
        `update "Sandbox" set preparation = '{"running":[],"done":true,"steps":{"street":{"status":0,"output":"two cables","durationMs":12}}}'`,
        `insert into "Verdict" ("sandboxId", "taskId", verdict, evidence, "durationMs", "checkerVersion", detail) select id, 'bridge', 'not-yet', 'there is no bridge in porter', 31, '1', 'porter has: lo' from "Sandbox"`,
      )(stage)
    },
    pose: async (page) => {
      await page.getByRole('button', { name: /^Author/ }).click()
      await page.getByText('not-yet: there is no bridge in porter').waitFor()
    },
  },
]
