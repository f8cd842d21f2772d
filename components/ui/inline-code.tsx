const CODE = /`([^`]+)`/g

/** A short text in which what is typed or named stands between backticks, as in Markdown. */
export function InlineCode({ text }: { text: string }) {
  return text.split(CODE).map((part, index) =>
    index % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text have no other name, and never change places.
      <code key={index} className="font-mono">
        {part}
      </code>
    ) : (
      part
    ),
  )
}

/** The same where only plain text can be shown, or is read out. */
export const withoutCode = (text: string): string => text.replaceAll(CODE, '$1')
