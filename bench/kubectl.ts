import { spawn } from 'node:child_process'

export type KubectlContext = { kubeconfig: string /** Path of kubectl. */; kubectl: string }

/**
 * What kubectl prints. `input` goes in before anything comes out; a program that reads on is told the end once it has
 * answered with a line.
 */
export function kubectl(ctx: KubectlContext, args: string[], input?: string): Promise<string> {
  const child = spawn(ctx.kubectl, ['--kubeconfig', ctx.kubeconfig, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  let output = ''
  if (input === undefined) child.stdin.end()
  else child.stdin.write(input)
  child.stdout.on('data', (bytes: Buffer) => {
    output += bytes.toString()
    if (output.includes('\n')) child.stdin.end()
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? resolve(output) : reject(new Error(`kubectl ${args.join(' ')}: ${code}`)),
    )
  })
}

export const serverVersion = async (ctx: KubectlContext): Promise<string> =>
  JSON.parse(await kubectl(ctx, ['version', '--output', 'json'])).serverVersion.gitVersion
