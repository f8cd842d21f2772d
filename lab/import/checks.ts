/**
 * A check of ours for a script that verified a step on the machine itself, where every line of it is of a kind we know: a
 * file or folder that is there, or a text in a file. Null otherwise, as ours never runs what the learner could replace.
 */
export function checkFor(script: string): string | null {
  const lines = script
    .split('\n')
    .map((line) => line.replace(/^#.*$/, '').trim())
    .filter((line) => line !== '' && !/^(?:set -|exit 0$)/.test(line))
  const checks = lines.map(checkLine)
  if (lines.length === 0 || checks.includes(null)) return null
  return `# shellcheck shell=bash\n${checks.join('\n')}\npass "All of it is there."\n`
}

const PATH = String.raw`(?<path>/[\w./-]+)`
const KNOWN: [RegExp, (path: string, text: string) => string][] = [
  [
    new RegExp(String.raw`^(?:test|\[{1,2}) -(?:f|e|s) ${PATH}(?: \]{1,2})?$`),
    (path) => `in-root --stat ${path} >/dev/null || not_yet "There is no ${path}."`,
  ],
  [
    new RegExp(String.raw`^(?:test|\[{1,2}) -d ${PATH}(?: \]{1,2})?$`),
    (path) => `in-root --list ${path} >/dev/null || not_yet "There is no folder ${path}."`,
  ],
  [
    new RegExp(String.raw`^grep -q(?:F|s)* (?<quote>['"]?)(?<text>[\w .,:/=-]+)\k<quote> ${PATH}$`),
    (path, text) =>
      `content=$(in-root ${path}) || not_yet "There is no ${path}."\n[[ $content == *${JSON.stringify(text)}* ]] || not_yet "${path} does not say what it should."`,
  ],
]

function checkLine(line: string): string | null {
  for (const [pattern, check] of KNOWN) {
    const { path, text = '' } = pattern.exec(line.replace(/ (?:\|\| exit 1|&& exit 0)$/, ''))?.groups ?? {}
    if (path) return check(path, text)
  }
  return null
}
