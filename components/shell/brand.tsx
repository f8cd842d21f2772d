/** The mark: a hull in section, standing on its blocks between the walls of the dock. */
export function BrandMark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" fill="none" aria-hidden className={className} stroke="currentColor" strokeWidth="1.6">
      <path d="M2 5h4v4h2v4h2v13h12V13h2V9h2V5h4" />
      <path d="M11.5 7.5h9v7.2c0 3.4-2 5.6-4.5 6.8-2.5-1.2-4.5-3.4-4.5-6.8z" stroke="var(--accent-ink)" />
      <path d="M16 21.5V26M12.5 23.4V26M19.5 23.4V26" stroke="var(--accent-ink)" />
    </svg>
  )
}
