import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { BuiltImage } from './contract.ts'
import { exec } from './exec.ts'

const TYPE = 'application/vnd.oci.image'

/**
 * Writes an OCI archive (OCI Image Format, "Image Layout") that holds one static binary and nothing else, so that the
 * cluster can be tested without an image builder.
 */
export async function scratchImage(options: {
  name: string
  binary: string
  user: string
  archive: string
}): Promise<BuiltImage> {
  const ref = `localhost/drydock-test/${options.name}:1`
  const work = mkdtempSync(join(tmpdir(), 'drydock-image-'))
  try {
    const [root, layout] = [join(work, 'root'), join(work, 'layout')]
    mkdirSync(root)
    mkdirSync(join(layout, 'blobs', 'sha256'), { recursive: true })
    copyFileSync(options.binary, join(root, basename(options.binary)))
    const layerFile = join(work, 'layer.tar')
    await exec('tar', [
      '-C',
      root,
      '--sort=name',
      '--mtime=@0',
      '--owner=0',
      '--group=0',
      '-cf',
      layerFile,
      basename(options.binary),
    ])
    const blob = (mediaType: string, content: Buffer) => {
      const hash = createHash('sha256').update(content).digest('hex')
      writeFileSync(join(layout, 'blobs', 'sha256', hash), content)
      return { mediaType, digest: `sha256:${hash}`, size: content.length }
    }
    const json = (value: unknown) => Buffer.from(JSON.stringify(value))
    const layer = blob(`${TYPE}.layer.v1.tar`, readFileSync(layerFile))
    const architecture = process.arch === 'x64' ? 'amd64' : process.arch
    const config = blob(
      `${TYPE}.config.v1+json`,
      json({
        architecture,
        os: 'linux',
        config: { Entrypoint: [`/${basename(options.binary)}`], User: options.user },
        rootfs: { type: 'layers', diff_ids: [layer.digest] },
      }),
    )
    const manifest = blob(
      `${TYPE}.manifest.v1+json`,
      json({ schemaVersion: 2, mediaType: `${TYPE}.manifest.v1+json`, config, layers: [layer] }),
    )
    const annotations = { 'org.opencontainers.image.ref.name': ref }
    writeFileSync(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
    writeFileSync(join(layout, 'index.json'), json({ schemaVersion: 2, manifests: [{ ...manifest, annotations }] }))
    await exec('tar', ['-C', layout, '-cf', options.archive, 'oci-layout', 'index.json', 'blobs'])
    if (statSync(options.archive).size === 0) throw new Error(`${options.archive} is empty`)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return { name: options.name, ref, archive: options.archive }
}
