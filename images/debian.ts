/**
 * A minimal Debian from Debian's own archive, with what debian:*-slim leaves out left out. Signatures are checked against the
 * machine's debian-archive-keyring; the mirror is mmdebstrap's default (deb.debian.org and security.debian.org).
 */
export function rootfsRecipe(suite: string): string[] {
  const leftOut = [
    'path-exclude=/usr/share/man/*',
    'path-exclude=/usr/share/doc/*',
    'path-include=/usr/share/doc/*/copyright',
  ]
  leftOut.push(
    'path-exclude=/usr/share/info/*',
    'path-exclude=/usr/share/locale/*',
    'path-exclude=/usr/share/lintian/*',
  )
  return [
    '--mode=root',
    '--variant=minbase',
    '--format=tar',
    ...leftOut.map((line) => `--dpkgopt=${line}`),
    '--aptopt=APT::Install-Recommends "false"',
    '--aptopt=Acquire::Languages "none"',
    // The building machine's own; a container gets its own when it starts.
    '--customize-hook=rm -f "$1/etc/hostname" "$1/etc/resolv.conf"',
    suite,
  ]
}
