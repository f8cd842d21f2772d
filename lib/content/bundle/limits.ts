import { AppError } from '#lib/errors.ts'

/** Far more than a lab needs; what is over is refused while it is read, not after. */
export const LIMITS = { files: 1000, fileBytes: 16 * 1024 * 1024, bytes: 64 * 1024 * 1024, nameChars: 200 }

/** A path that stays below its folder on every file system. */
export const NAME = /^[\w@+-][\w.@+-]*(?:\/[\w@+-][\w.@+-]*)*$/

export const refuse = (message: string): never => {
  throw new AppError('invalid-content', message)
}
