import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { SetupError } from '#cluster/contract.ts'

const schema = z.object({ postgresPassword: z.string().min(32), nextAuthSecret: z.string().min(32) })
export type Secrets = z.output<typeof schema>

/** This installation's secrets: drawn at the first start, kept in `dataDir`/secrets.json for its owner alone. */
export function loadSecrets(dataDir: string): Secrets {
  const file = join(dataDir, 'secrets.json')
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    const draw = () => randomBytes(32).toString('hex')
    const secrets = { postgresPassword: draw(), nextAuthSecret: draw() }
    mkdirSync(dataDir, { recursive: true, mode: 0o711 })
    writeFileSync(`${file}.new`, JSON.stringify(secrets, null, 2), { mode: 0o600 })
    renameSync(`${file}.new`, file)
    return secrets
  }
  try {
    return schema.parse(JSON.parse(text))
  } catch (cause) {
    throw new SetupError(
      `${file} is damaged.`,
      `Put it back from a copy, or remove ${dataDir} and lose what is in it.`,
      { cause },
    )
  }
}
