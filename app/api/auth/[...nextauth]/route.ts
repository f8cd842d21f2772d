import NextAuth from 'next-auth'
import { authOptions } from '#lib/auth/auth-options.ts'
import { assertOwnOrigin } from '#lib/http/own-origin.ts'
import { errorResponse } from '#lib/http/respond.ts'

type Context = { params: Promise<{ nextauth: string[] }> }

export const GET = (request: Request, context: Context) => NextAuth(request as never, context as never, authOptions())

export const POST = async (request: Request, context: Context) => {
  try {
    assertOwnOrigin(request.headers)
  } catch (thrown) {
    return errorResponse(thrown)
  }
  return NextAuth(request as never, context as never, authOptions())
}
