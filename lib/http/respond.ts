import { AppError, toAppError } from '#lib/errors.ts'
import { DATA_POLICY } from '#lib/http/content-security-policy.ts'
import { logger } from '#lib/obs/logger.ts'

/** JSON that no cache keeps: everything our API says is about one person at one moment. */
export function json(body: unknown, status = 200): Response {
  return Response.json(body, {
    status,
    headers: { 'cache-control': 'no-store', 'content-security-policy': DATA_POLICY },
  })
}

/** Any thrown value as the response it stands for. Our own faults are logged whole; the person gets words. */
export function errorResponse(thrown: unknown): Response {
  const error = toAppError(thrown)
  if (error.status >= 500) logger().error({ err: error }, 'request failed')
  return json(error, error.status)
}

/** Reads a JSON body of at most `maxBytes`. Throws `too-large`, or `bad-request` for what is no JSON. */
export async function readJson(request: Request, maxBytes: number): Promise<unknown> {
  const tooLarge = () => new AppError('too-large', `a body of more than ${maxBytes} bytes`)
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge()
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength
    if (size > maxBytes) throw tooLarge()
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch (cause) {
    throw new AppError('bad-request', 'the body is not JSON', { cause })
  }
}

/** Answers anyone's GET with what `read` resolves with. */
export async function answer(read: () => Promise<unknown>): Promise<Response> {
  try {
    return json(await read())
  } catch (thrown) {
    return errorResponse(thrown)
  }
}
