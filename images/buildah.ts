import { mkdir, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runContained } from './process.ts'

/** File system type of overlayfs itself, on which no further overlay can be stacked (statfs(2)). */
const OVERLAYFS = 0x794c7630

export type Buildah = {
  build: (image: { ref: string; context: string; args: Record<string, string>; target?: string }) => Promise<void>
  /** Makes an archive of an earlier build available to `FROM`. */
  load: (archive: string) => Promise<void>
  save: (ref: string, archive: string) => Promise<void>
}

/**
 * buildah with its store, its settings and its temporary files below `folder`: neither the machine's container storage nor its
 * registries are looked at, and deleting the folder deletes every trace.
 */
export async function buildahIn(
  folder: string,
  run: { log: () => string; signal: AbortSignal; onLine: (line: string) => void },
): Promise<Buildah> {
  const settings = {
    policy: join(folder, 'policy.json'),
    storage: join(folder, 'storage.conf'),
    registries: join(folder, 'registries.conf'),
    containers: join(folder, 'containers.conf'),
  }
  await mkdir(join(folder, 'tmp'), { recursive: true })
  await writeFile(settings.policy, JSON.stringify({ default: [{ type: 'insecureAcceptAnything' }] }))
  await writeFile(settings.registries, 'unqualified-search-registries = []\n')
  await writeFile(settings.containers, '')
  const driver = (await statfs(folder)).type === OVERLAYFS ? 'vfs' : 'overlay'
  await writeFile(
    settings.storage,
    `[storage]\ndriver = "${driver}"\ngraphroot = "${join(folder, 'store')}"\nrunroot = "${join(folder, 'run')}"\n`,
  )
  const env = {
    TMPDIR: join(folder, 'tmp'),
    CONTAINERS_CONF: settings.containers,
    CONTAINERS_STORAGE_CONF: settings.storage,
    CONTAINERS_REGISTRIES_CONF: settings.registries,
  }
  const buildah = (command: string, ...args: string[]) =>
    runContained('buildah', [command, '--signature-policy', settings.policy, ...args], {
      log: run.log(),
      signal: run.signal,
      onLine: run.onLine,
      env,
    })
  return {
    build: ({ ref, context, args, target }) =>
      buildah(
        'bud',
        ...['--isolation', 'chroot', '--format', 'oci', '--pull-never', '--layers=false', '--tag', ref],
        ...Object.entries(args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
        ...(target ? ['--target', target] : []),
        context,
      ),
    load: (archive) => buildah('pull', '--quiet', `oci-archive:${archive}`),
    // containerd names an imported image by the archive's reference as it stands. zstd imports fastest (1.3 s for the root image,
    // against 2.3 s uncompressed and 3.2 s with gzip) and takes least room.
    save: (ref, archive) =>
      buildah('push', '--quiet', '--compression-format', 'zstd', ref, `oci-archive:${archive}:${ref}`),
  }
}
