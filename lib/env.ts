import { z } from 'zod'
import { ACCEPTABLE } from '#lib/capabilities/capability.ts'
import { isPrefix } from '#lib/labs/ipv4.ts'
import { sharesCookies } from '#lib/previews/preview-host.ts'

const GUESTS_ON_LOOPBACK = 3

const isLoopback = (url: string) => ['localhost', '127.0.0.1', '[::1]'].includes(URL.parse(url)?.hostname ?? '')
/** Browsers find every name below localhost on this machine (RFC 6761), and the site's port is open there. */
const onLoopback = (url: string) => ['lab.localhost', new URL(url).port].filter(Boolean).join(':')
const flag = z
  .enum(['0', '1'])
  .default('0')
  .transform((value) => value === '1')

/** A variable that may be missing; set to nothing, as compose files do, is missing as well. */
const optional = <T extends z.ZodType>(type: T) =>
  z.preprocess((value) => (value === '' ? undefined : value), type.optional())
const secureUrl = z
  .url({ protocol: /^https?$/ })
  .refine((value) => value.startsWith('https:') || isLoopback(value), { message: 'must be https, except on loopback' })
const words = z
  .string()
  .default('')
  .transform((value) =>
    value
      .toLowerCase()
      .split(/[,\s]+/)
      .filter(Boolean),
  )
const addresses = words.pipe(
  z.array(z.string().includes('@', { message: 'is a list of e-mail addresses, with commas between them' })),
)

/** Hosts outside that labs may open: names, `*.example.org` for all below one, IPv4 addresses and prefixes of them. */
export const egressHosts = words.pipe(
  z.array(
    z
      .string()
      .refine((entry) => isPrefix(entry) || /^(?:\*\.)?(?:[a-z0-9-]{1,63}\.)+[a-z][a-z0-9-]{0,62}$/.test(entry), {
        message:
          'is a list of host names, "*.example.org", IPv4 addresses or prefixes of them, with commas between them',
      }),
  ),
)

/** Ways to sign in, each by all of its variables or by none. */
const TOGETHER = [
  ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET'],
  ['GITHUB_CLIENT_ID', 'GITHUB_CLIENT_SECRET'],
  ['GOOGLE_CLIENT_ID', 'GOOGLE_CLIENT_SECRET'],
  ['SMTP_URL', 'MAIL_FROM'],
] as const

const schema = z
  .object({
    NODE_ENV: z.enum(['development', 'production', 'test']).default('development'),
    /** Which roles this process plays, comma separated. */
    ROLES: z
      .string()
      .default('web,gateway,reconciler')
      .transform((value) => value.split(',').map((role) => role.trim()))
      .pipe(z.array(z.enum(['web', 'gateway', 'reconciler']))),
    HOST: z.string().default('127.0.0.1'),
    PORT: z.coerce.number().int().min(1).max(65535).default(4200),
    DATABASE_URL: z.string().startsWith('postgres'),
    /** Path of the kubeconfig; it may appear after the server has started. Empty: the in-cluster configuration. */
    KUBECONFIG: z.string().optional(),
    NEXTAUTH_URL: z.url(),
    NEXTAUTH_SECRET: z.string().min(32),
    /** Sign-in by name alone, for one person's own machine. */
    AUTH_DEV: flag,
    /**
     * Below which domain pages of machines are shown, each under a host of its own, e.g. "labs-preview.example"; with a
     * port where browsers need one. Default: `lab.localhost` on loopback, else none.
     */
    PREVIEW_DOMAIN: optional(
      z
        .string()
        .toLowerCase()
        .regex(
          /^(?=[^:]{1,200}(?::|$))(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z](?:[a-z0-9-]*[a-z0-9])?(?::\d{1,5})?$/,
          {
            message: 'is a domain, with a port where browsers need one',
          },
        ),
    ),
    OIDC_ISSUER: optional(secureUrl),
    OIDC_CLIENT_ID: optional(z.string()),
    OIDC_CLIENT_SECRET: optional(z.string()),
    /** What the sign-in page calls it. */
    OIDC_NAME: optional(z.string().max(40)),
    GITHUB_CLIENT_ID: optional(z.string()),
    GITHUB_CLIENT_SECRET: optional(z.string()),
    GOOGLE_CLIENT_ID: optional(z.string()),
    GOOGLE_CLIENT_SECRET: optional(z.string()),
    /** The mail server that sends sign-in links, e.g. smtps://user:password@mail.example:465 */
    SMTP_URL: optional(z.url({ protocol: /^smtps?$/ })),
    MAIL_FROM: optional(z.string().includes('@')),
    /** Whoever signs in with one of these addresses becomes an administrator. */
    ADMIN_EMAILS: addresses,
    /** JSON map of image name to reference inside the cluster, e.g. {"root":"drydock.local/root:1a2b"}. */
    DRYDOCK_IMAGES: z
      .string()
      .default('{}')
      .transform((value, context) => {
        try {
          return JSON.parse(value)
        } catch {
          context.addIssue({ code: 'custom', message: 'is not JSON' })
          return z.NEVER
        }
      })
      .pipe(z.record(z.string(), z.string())),
    /** A file with the same map, written when the images are built; wins over DRYDOCK_IMAGES. */
    DRYDOCK_IMAGES_FILE: z.string().optional(),
    /**
     * The registry that container engines on machines pull from in Docker Hub's place: an IPv4 address, as machines have no
     * name server. It speaks plain HTTP on port 5000, which the engine image knows.
     */
    DRYDOCK_REGISTRY: optional(z.ipv4()),
    /** Devices that every node offers pods as resources `drydock.dev/NAME`. */
    DRYDOCK_DEVICES: z
      .string()
      .default('')
      .transform((value) => value.split(',').filter(Boolean))
      .pipe(z.array(z.enum(['tun', 'fuse', 'kvm']))),
    /** Where else the images of labs may come from, e.g. "docker.io/library, registry.example/labs". */
    DRYDOCK_LAB_REGISTRIES: words.pipe(
      z.array(
        z.string().regex(/^(?=localhost(?:[:/]|$)|[^/]*[.:])[a-z0-9.-]+(?::\d+)?(?:\/[a-z0-9._-]+)*$/, {
          message: 'is a list of registries, or folders of them, with commas between them',
        }),
      ),
    ),
    /** What labs may open outside, e.g. "pypi.example, *.debian.org, 203.0.113.0/24"; nothing, unless it is here. */
    DRYDOCK_EGRESS_HOSTS: egressHosts,
    CONTENT_DIR: z.string().default('content'),
    /** For an author at their own machine: content is read again when a file changes, and pages show what checks do. */
    AUTHORING: flag,
    LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
    MAX_SANDBOXES_PER_USER: z.coerce.number().int().positive().default(2),
    MAX_SANDBOXES: z.coerce.number().int().positive().default(40),
    /** What the cluster lacks of safety and the operator does without, knowingly; comma separated. Labs start all the same. */
    ACCEPT_MISSING: z
      .string()
      .default('')
      .transform((value) => value.split(/[,\s]+/).filter(Boolean))
      .pipe(z.array(z.enum(ACCEPTABLE))),
    /** How many machines strangers may have at a time, on the home page only; 0 for none. Default: a few on loopback. */
    GUESTS: optional(z.coerce.number().int().min(0)),
  })
  .refine(
    (env) => !env.AUTH_DEV || (isLoopback(env.NEXTAUTH_URL) && ['127.0.0.1', 'localhost', '::1'].includes(env.HOST)),
    {
      path: ['AUTH_DEV'],
      message: 'the development sign-in works only where both NEXTAUTH_URL and HOST are loopback',
    },
  )
  .refine((env) => !env.AUTHORING || isLoopback(env.NEXTAUTH_URL), {
    path: ['AUTHORING'],
    message: 'authoring shows how checks work, so it is for loopback only',
  })
  .refine(
    ({ PREVIEW_DOMAIN: domain, NEXTAUTH_URL }) =>
      domain === undefined || !sharesCookies(domain.replace(/:\d+$/, ''), new URL(NEXTAUTH_URL).hostname),
    {
      path: ['PREVIEW_DOMAIN'],
      message:
        'must neither be the host of NEXTAUTH_URL nor stand above or below it, as pages there would share cookies',
    },
  )
  .superRefine((env, context) => {
    for (const group of TOGETHER) {
      const missing = group.filter((name) => env[name] === undefined)
      if (missing.length === 0 || missing.length === group.length) continue
      const given = group.filter((name) => env[name] !== undefined).join(', ')
      for (const name of missing) {
        context.addIssue({ code: 'custom', path: [name], message: `is missing, while ${given} is set` })
      }
    }
  })
  .transform((env) => ({
    ...env,
    GUESTS: env.GUESTS ?? (isLoopback(env.NEXTAUTH_URL) ? GUESTS_ON_LOOPBACK : 0),
    PREVIEW_DOMAIN: env.PREVIEW_DOMAIN ?? (isLoopback(env.NEXTAUTH_URL) ? onLoopback(env.NEXTAUTH_URL) : ''),
  }))

export type Env = z.output<typeof schema>

/** Parses an environment. Errors name the variable and what was expected, never its value. */
export function parseEnv(source: Record<string, string | undefined>): Env {
  const result = schema.safeParse(source)
  if (result.success) return result.data
  const problems = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw new Error(`The environment is not usable.\n  ${problems.join('\n  ')}`)
}

let parsed: Env | undefined

/** The process's environment, parsed at first use. The only reader of process.env in lib, app and server. */
export function env(): Env {
  parsed ??= parseEnv(process.env)
  return parsed
}
