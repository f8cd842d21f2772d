import { env } from '#lib/env.ts'
import { AppError } from '#lib/errors.ts'
import { findPreview } from '#lib/previews/find-preview.ts'
import { sealPass } from '#lib/previews/pass.ts'
import { type PreviewPlace, previewHost } from '#lib/previews/preview-host.ts'

/** Where a preview takes a ticket. All below `/.drydock/` on its host is ours and never reaches the machine. */
export const ENTER_PATH = '/.drydock/enter'

/**
 * The URL by which this session's browser gets into a preview, good for some seconds and once. @throws AppError as
 * `findPreview`, and `lab-unavailable` where this platform has no previews
 */
export async function openPreview(place: PreviewPlace & { userId: string; sessionId: string }): Promise<string> {
  const { PREVIEW_DOMAIN: domain, NEXTAUTH_URL: site, NEXTAUTH_SECRET: secret } = env()
  if (domain === '') {
    throw new AppError('lab-unavailable', 'PREVIEW_DOMAIN is not set', {
      userMessage: 'This platform shows no pages of machines: its operator has not set it up.',
    })
  }
  await findPreview(place)
  const host = previewHost(place, domain)
  const ticket = sealPass('ticket', { ...place, host }, { secret, now: Date.now() })
  return `${new URL(site).protocol}//${host}${ENTER_PATH}?ticket=${ticket}`
}
