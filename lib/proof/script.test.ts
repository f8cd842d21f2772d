import { describe, expect, test } from 'vitest'
import { formatProblem } from '#lib/content/problem.ts'
import { keyBytes } from '#lib/proof/keys.ts'
import { firstPlace, placeOfStep } from '#lib/proof/place.ts'
import { parseScript } from '#lib/proof/script.ts'
import { testLab } from '#lib/proof/testing.ts'

const lab = testLab('up', 'ip')
const parse = (text: string) => {
  const { script, evidence, problems } = parseScript(text, { file: 's.sh', lab, place: firstPlace(lab) })
  return { steps: script.steps, evidence, problems: problems.map(formatProblem) }
}

test('a script is statements as the shell reads them, and directives between them', () => {
  const { steps, problems } = parse(
    [
      '# shellcheck shell=bash',
      "cat > f <<'END'",
      '#@ wait nobody',
      '',
      'END',
      'for i in 1 2; do',
      '  echo $i',
      'done',
      'echo a \\',
      '  b',
      "echo 'one",
      "two'",
      '#@ wait up',
      '#@ keys C-c q',
      '#@ see listening on',
      '#@ answer ip $(hostname -I)',
      '#@ on box aux',
      '#@ survives it only looks',
      'ls',
    ].join('\r\n'),
  )
  expect(problems).toEqual([])
  expect(steps).toEqual([
    { kind: 'line', line: 2, text: "cat > f <<'END'\n#@ wait nobody\n\nEND", survives: null },
    { kind: 'line', line: 6, text: 'for i in 1 2; do\n  echo $i\ndone', survives: null },
    { kind: 'line', line: 9, text: 'echo a \\\n  b', survives: null },
    { kind: 'line', line: 11, text: "echo 'one\ntwo'", survives: null },
    { kind: 'wait', line: 13, task: 'up' },
    { kind: 'keys', line: 14, keys: ['C-c', 'q'] },
    { kind: 'see', line: 15, text: 'listening on' },
    { kind: 'answer', line: 16, task: 'ip', value: '$(hostname -I)', command: 'hostname -I' },
    { kind: 'on', line: 17, place: { machine: 'box', terminal: 'aux' } },
    { kind: 'line', line: 19, text: 'ls', survives: 'it only looks' },
  ])
})

test('what bash calls wrong is typed all the same', () => {
  expect(parse('echo )').steps).toEqual([{ kind: 'line', line: 1, text: 'echo )', survives: null }])
})

describe('mistakes are told with their place', () => {
  test.each([
    ['#@ wiat up', 's.sh:1:1: "#@ wiat" is not known', 'did you mean wait?'],
    ['#@ wait upp', 's.sh:1:1: there is no task "upp"', 'did you mean up?'],
    ['#@ wait', 's.sh:1:1: "#@ wait" says nothing', '#@ wait <task>'],
    ['ls\n#@ keys C-9', 's.sh:2:1: no key is called "C-9"', 'Enter'],
    ['#@ answer ip', 's.sh:1:1: "#@ answer ip" gives no answer', '#@ answer <task>'],
    ['#@ on bax', 's.sh:1:1: there is no terminal "bax"', 'box'],
    ['#@ on box third', 's.sh:1:1: there is no terminal "box third"', 'box'],
    ["ls\ncat <<'END'\ntext\n", 's.sh:2:1: what begins here does not end', 'heredoc'],
    ['# nothing\n', 's.sh:1:1: nothing is typed', 'at least one line'],
  ])('%j', (text, message, hint) => {
    const [first = ''] = parse(text).problems
    expect(first).toContain(message)
    expect(first).toContain(hint)
  })
})

test('keys are what a terminal sends', () => {
  expect(['C-c', 'C-d', 'C-\\', 'Enter', 'q', 'Up', 'C-9', 'Banana'].map(keyBytes)).toEqual([
    '\x03',
    '\x04',
    '\x1c',
    '\r',
    'q',
    '\x1b[A',
    null,
    null,
  ])
})

test('the name of a solution’s file says where it is typed', () => {
  expect(placeOfStep('01-box-aux.sh', lab)).toEqual({ machine: 'box', terminal: 'aux' })
  expect(placeOfStep('01-box.sh', lab)).toEqual({ machine: 'box', terminal: 'main' })
  expect(['1-box.sh', '01-bax.sh', '01-box-third.sh'].map((name) => placeOfStep(name, lab))).toEqual([null, null, null])
})
