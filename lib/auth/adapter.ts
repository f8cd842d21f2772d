import { PrismaAdapter } from '@auth/prisma-adapter'
import type { Adapter, AdapterAccount, AdapterUser } from 'next-auth/adapters'
import { nearestName } from '#lib/auth/display-name.ts'
import { db } from '#lib/db/client.ts'

/** The library's adapter, storing less: no picture, no token of anybody's; a name even where only an address came. */
export function adapter(): Adapter {
  // Its type names another version of the same interface; it runs with next-auth 4 (decision 0003).
  const base = PrismaAdapter(db()) as Required<Adapter>
  const less: Partial<Adapter> = {
    createUser: ({ email, emailVerified, name }: Omit<AdapterUser, 'id'>) =>
      base.createUser({
        email,
        // A provider's address comes here only when the provider has verified it.
        emailVerified: emailVerified ?? (email ? new Date() : null),
        name: nearestName(name) ?? nearestName(email?.split('@')[0]),
      }),
    linkAccount: ({ userId, type, provider, providerAccountId }: AdapterAccount) =>
      base.linkAccount({ userId, type, provider, providerAccountId }),
    createVerificationToken: async (token) => {
      await db().verificationToken.deleteMany({ where: { expires: { lt: new Date() } } })
      return base.createVerificationToken(token)
    },
  }
  return { ...base, ...less }
}
