import pino from 'pino'
import { env } from '#lib/env.ts'

/** Never in a log, wherever they stand in a logged object. */
const SECRETS = ['password', 'token', 'secret', 'cookie', 'authorization', 'access_token', 'refresh_token', 'id_token']
const paths = SECRETS.flatMap((key) => {
  const name = /^\w+$/.test(key) ? key : `["${key}"]`
  return [name, `*.${name}`, `*.*.${name}`, `headers.${name}`]
})

const shared = globalThis as { drydockLogger?: pino.Logger }

/** The process's logger: JSON lines on standard output. Children carry `sandboxId`, `requestId` or `loop`. */
export function logger(bindings: Record<string, unknown> = {}): pino.Logger {
  shared.drydockLogger ??= pino({
    level: env().LOG_LEVEL,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: [...new Set(paths), 'headers["set-cookie"]'], censor: '[redacted]' },
    serializers: { err: pino.stdSerializers.errWithCause },
  })
  return shared.drydockLogger.child(bindings)
}
