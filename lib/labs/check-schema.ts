import { z } from 'zod'
import { id, line, machine, path, port, service, text } from '#lib/labs/schema-parts.ts'
import { SELECTOR } from '#lib/labs/selector.ts'

const MAX_CEL_CHARS = 2000

const kubernetesCheck = z
  .strictObject({
    get: z
      .string()
      .max(320)
      .regex(/^[a-z0-9]+(?:\.[a-z0-9.-]+)?\/[a-z0-9][a-z0-9.-]*$/, 'a resource and a name, e.g. "deployments.apps/web"')
      .optional()
      .describe('One object: `pods/web`, `deployments.apps/web`. One that does not exist is not yet.'),
    list: z
      .string()
      .max(320)
      .regex(/^[a-z0-9]+(?:\.[a-z0-9.-]+)?$/, 'a resource, e.g. "pods" or "deployments.apps"')
      .optional()
      .describe('All objects of a resource, or those that `selector` names.'),
    selector: z
      .string()
      .max(1000)
      .regex(SELECTOR, 'labels, e.g. "app=web,tier!=db,canary,!old"')
      .optional()
      .describe('Labels as `kubectl -l` takes them: `app=web,tier!=db,canary,!old`. Only with `list`.'),
    cel: text(MAX_CEL_CHARS).describe(
      'CEL that gives true or false over `object`, or `objects` for a list, and `vars` and `needs`.',
    ),
  })
  .describe("Judged by CEL over what the API server says about the learner's own namespace, at every change.")

const from = id
  .optional()
  .describe('Of a Service, an ingress or a name: the machine with kubectl whose examiner asks; left out: the first.')

const httpCheck = z
  .strictObject({
    service,
    machine,
    ingress: z
      .string()
      .max(253)
      .regex(/^(?:\{\{[^{}]*\}\}|[a-z0-9.-])+$/, 'a host in lower case, e.g. "shop.example"')
      .optional()
      .describe(
        "A host that the lab's `ingress` is asked for. Port 80 is HTTP; port 443 is HTTPS, with a certificate for that host.",
      ),
    port,
    path: z
      .string()
      .max(500)
      .regex(/^\/(?:\{\{[^{}]*\}\}|[^\s\p{Cc}])*$/u, 'a path from the root, e.g. "/status?full=1"')
      .default('/')
      .describe('With its query, from the root: `/status?full=1`.'),
    status: z.int().min(100).max(599).default(200).describe('What must be answered; redirects are not followed.'),
    header: z
      .record(z.string().regex(/^[A-Za-z0-9-]{1,60}$/, 'the name of a header, e.g. "Host"'), line(300))
      .optional()
      .describe('Headers that the request carries, e.g. `{ Host: shop.example }`.'),
    body: z
      .strictObject({
        contains: text(1000).optional().describe('A part of it.'),
        equals: text(1000).optional().describe('All of it, without white space around it.'),
        matches: text(300).optional().describe('A regular expression (RE2) that finds something in it.'),
      })
      .optional()
      .describe('What must be in the first 64 KiB of the answer; exactly one of its kinds.'),
    from,
  })
  .describe('One GET request, answered as it should be. Name a `service`, a `machine` or an `ingress`.')

const tcpCheck = z
  .strictObject({
    service,
    machine,
    port,
    open: z.boolean().default(true).describe('Whether a connection must be accepted, or must not.'),
  })
  .describe('One connection. Name either a `service` or a `machine`.')

const dnsCheck = z
  .strictObject({
    name: z
      .string()
      .max(253)
      .regex(/^[A-Za-z0-9_](?:[\w.-]*[A-Za-z0-9_.])?$/, 'a name, e.g. "web" or "db.example"')
      .describe('What is looked up, as a program there would.'),
    type: z.enum(['A', 'AAAA', 'CNAME', 'SRV', 'TXT']).default('A').describe('The kind of record.'),
    includes: z.array(line(253)).min(1).max(20).optional().describe('Answers that must be among those given.'),
    count: z.int().min(0).max(100).optional().describe('How many answers there must be. Left out: at least one.'),
    from,
  })
  .describe('What a name leads to.')

const loadCheck = z
  .strictObject({
    of: id.describe('A `load` of the lab.'),
    atLeast: z.int().min(1).max(100_000).describe('So many requests are looked at: the last ones.'),
    failed: z.int().min(0).max(100_000).default(0).describe('At most so many of them may have failed.'),
  })
  .describe('Counts the requests of a steady load.')

const answerCheck = z
  .strictObject({
    equals: line(200).optional().describe('The right answer.'),
    oneOf: z.array(line(200)).min(1).max(20).optional().describe('Several right answers.'),
    ignoreCase: z.literal(true).optional().describe('`WEB` is as good as `web`.'),
  })
  .describe('For `kind: answer`: what the learner must have typed, white space around it left out.')

/** Every way to look at a task; exactly one is given. */
export const checkShape = z.strictObject({
  run: path.optional().describe('A bash script that the examiner runs, e.g. `checks/running.sh`.'),
  kubernetes: kubernetesCheck.optional(),
  http: httpCheck.optional(),
  tcp: tcpCheck.optional(),
  dns: dnsCheck.optional(),
  load: loadCheck.optional(),
  answer: answerCheck.optional(),
})
