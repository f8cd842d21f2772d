import type { Metadata } from 'next'
import { cookies } from 'next/headers'
import { redirect } from 'next/navigation'
import { DeleteAccountForm } from '#components/settings/delete-account-form.tsx'
import { ProfileForm } from '#components/settings/profile-form.tsx'
import { SessionList } from '#components/settings/session-list.tsx'
import { SettingsSection } from '#components/settings/settings-section.tsx'
import { TerminalChoice } from '#components/settings/terminal-choice.tsx'
import { ThemeChoice } from '#components/settings/theme-choice.tsx'
import { parseTheme } from '#components/shell/theme.ts'
import { buttonClass } from '#components/ui/button.tsx'
import { LocalTime } from '#components/ui/local-time.tsx'
import { getAccount } from '#lib/account/get-account.ts'
import { currentUser } from '#lib/auth/current-user.ts'
import { signInWays } from '#lib/auth/sign-in-ways.ts'

export const metadata: Metadata = { title: 'Settings' }

export default async function SettingsPage() {
  const user = await currentUser()
  if (!user) redirect('/signin?callbackUrl=/me/settings')
  const [account, jar] = await Promise.all([getAccount({ userId: user.id, sessionId: user.sessionId }), cookies()])
  const { services } = signInWays()
  const named = account.providers.map((id) => services.find((service) => service.id === id)?.name ?? id)
  const { attempts, visits, liveMachines } = account.holds
  return (
    <main id="main" className="mx-auto w-full max-w-4xl grow px-4 py-10 sm:px-6">
      <h1 className="mb-8 text-2xl">Settings</h1>
      <SettingsSection id="profile" title="Profile">
        <ProfileForm name={account.name} />
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-6 gap-y-1 text-sm">
          {account.email && (
            <>
              <dt className="text-ink-soft">E-mail</dt>
              <dd className="wrap-anywhere">{account.email}</dd>
            </>
          )}
          {named.length > 0 && (
            <>
              <dt className="text-ink-soft">Signs in with</dt>
              <dd>{named.join(', ')}</dd>
            </>
          )}
          <dt className="text-ink-soft">Role</dt>
          <dd>{account.role}</dd>
          <dt className="text-ink-soft">Here since</dt>
          <dd>
            <LocalTime iso={account.createdAt.toISOString()} />
          </dd>
        </dl>
      </SettingsSection>
      <SettingsSection id="appearance" title="Appearance">
        <ThemeChoice initial={parseTheme(jar.get('theme')?.value)} />
        <TerminalChoice />
      </SettingsSection>
      <SettingsSection id="sessions" title="Sessions">
        <p className="text-sm text-ink-soft">Where you are signed in. Sign out any that you do not recognise.</p>
        <SessionList
          sessions={account.sessions.map(({ createdAt, lastSeenAt, ...session }) => ({
            ...session,
            createdAt: createdAt.toISOString(),
            lastSeenAt: lastSeenAt.toISOString(),
          }))}
        />
      </SettingsSection>
      <SettingsSection id="export" title="Your data">
        <p className="text-sm text-ink-soft">
          Everything that is kept about you in one JSON file: profile, sessions, attempts with results and hints,
          machines, every verdict, lessons opened.
        </p>
        <div>
          <a href="/api/account/export" download className={buttonClass()}>
            Export everything
          </a>
        </div>
      </SettingsSection>
      <SettingsSection id="delete" title="Delete account">
        <div className="text-sm [&>*+*]:mt-2">
          <p>This cannot be taken back. What goes, at once:</p>
          <ul className="list-disc pl-5">
            {liveMachines > 0 && <li>{amount(liveMachines, 'running machine')}, with all files on it</li>}
            {attempts > 0 && <li>{amount(attempts, 'attempt')}, with results, verdicts and hints</li>}
            {visits > 0 && <li>the record of {amount(visits, 'lesson')} you opened</li>}
            <li>your profile and every session, this one too</li>
          </ul>
          <p>Export everything first if you want to keep a copy.</p>
        </div>
        <DeleteAccountForm confirmWith={account.name || account.email || user.name} />
      </SettingsSection>
    </main>
  )
}

const amount = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`
