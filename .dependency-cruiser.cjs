// Who may know whom: the house as docs and design draw it. Run by scripts/check.ts.

/** For each folder, the folders and files it may import besides itself; whatever is not named is forbidden. */
const MAY_IMPORT = {
  app: ['components', 'lib/(account|auth|authoring|checks|content|http|labs|obs|previews|progress|sandbox|terminal)'],
  components: ['lib/(account|auth|authoring|content|http|labs|progress|sandbox|terminal)'],
  content: [],
  server: ['lib'],
  'lib/account': ['lib/(auth|db|http|obs|sandbox)'],
  'lib/auth': ['lib/(db|http|obs)'],
  'lib/authoring': ['lib/(content|db|labs|sandbox)'],
  'lib/capabilities': ['lib/labs'],
  'lib/checks': ['lib/(labs|progress|sandbox|terminal)'],
  'lib/content': ['lib/(labs|obs|proof)'],
  'lib/db': [],
  'lib/http': ['lib/(auth|db|obs|sandbox)'],
  'lib/k8s': ['lib/(capabilities|checks|labs|obs|sandbox|terminal)'],
  'lib/labs': [],
  'lib/obs': [],
  'lib/previews': ['lib/(db|http|labs|sandbox|terminal)'],
  'lib/proof': ['lib/(content|labs|sandbox)'],
  'lib/progress': ['lib/(checks|content|db|labs|obs|sandbox)'],
  'lib/sandbox': ['lib/(capabilities|checks|content|db|labs|obs|terminal)'],
  'lib/terminal': ['lib/(db|obs|sandbox)'],
  cluster: [],
  images: ['cluster'],
  scripts: ['cluster', 'images', 'lib/(capabilities|k8s|labs|sandbox)'],
  attack: ['bench', 'cluster', 'images', 'lib', 'scripts'],
  bench: ['cluster', 'images', 'lib', 'scripts'],
  e2e: ['lib', 'scripts'],
  lab: ['cluster', 'images', 'lib', 'scripts', 'server'],
}
/** What everybody below app, scripts, server and lib may know. */
const COMMON = '^lib/(env|errors|runtime)\\.ts$'
const HOUSE = '^(agent|app|attack|bench|cluster|components|content|e2e|images|lab|lib|scripts|server)/'
const TESTS = '\\.(test|spec)\\.tsx?$|/(fake|test)-[^/]*\\.ts$|/testing\\.ts$'

/** Loaded by browsers: no Node, and nothing of ours that is not on this list itself. */
const BROWSER_SAFE =
  '^lib/(errors|sandbox/(view|states)|terminal/(protocol|framing|client|client-id|connection|heartbeat|input-queue|output-cursor))\\.ts$'

const folderRules = Object.entries(MAY_IMPORT).map(([folder, others]) => ({
  name: `${folder.replace('/', '-')}-knows-only`,
  comment: `${folder} may import ${['itself', ...others].join(', ')} of this house, and nothing else.`,
  severity: 'error',
  from: { path: `^${folder}/`, pathNot: TESTS },
  to: {
    path: HOUSE,
    pathNot: [
      `^${folder}/`,
      ...others.map((other) => `^${other}/`),
      ...(/^(app|components|scripts|server|lib)/.test(folder) ? [COMMON] : []),
    ],
  },
}))

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...folderRules,
    {
      name: 'only-k8s-knows-kubernetes',
      comment: 'lib/k8s is the only importer of the Kubernetes client; all else goes through the ports.',
      severity: 'error',
      from: { path: '^(app|components|lib|server)/', pathNot: `^lib/k8s/|${TESTS}` },
      to: { path: 'node_modules/@kubernetes/' },
    },
    {
      name: 'only-db-knows-prisma',
      comment:
        'lib/db is the only importer of the Prisma client and of pg. Types of rows may be named anywhere in lib.',
      severity: 'error',
      from: { path: '^(app|components|lib|server)/', pathNot: `^lib/db/|${TESTS}` },
      to: { path: '^generated/|node_modules/(@prisma|pg)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'pages-know-no-rows',
      comment: 'What pages and components show has a type of its own, never the database row.',
      severity: 'error',
      from: { path: '^(app|components)/' },
      to: { path: '^generated/' },
    },
    {
      name: 'nobody-imports-server',
      comment:
        'server/ composes and runs; nobody imports it, but for lab/, which runs its parts for labs being proven.',
      severity: 'error',
      from: { path: HOUSE, pathNot: `^(server|lab)/|${TESTS}` },
      to: { path: '^server/' },
    },
    {
      name: 'browser-safe-is-browser-safe',
      comment: 'A file that browsers load imports no Node module and no file that browsers may not load.',
      severity: 'error',
      from: { path: BROWSER_SAFE },
      to: { path: HOUSE, pathNot: BROWSER_SAFE, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'browser-safe-knows-no-node',
      comment: 'A file that browsers load imports no Node module.',
      severity: 'error',
      from: { path: BROWSER_SAFE },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-cycles',
      comment: 'Modules that need one another at run time are one module.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-orphans',
      comment: 'Nobody imports this file and it is no entry point.',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: [TESTS, '^[^/]+$', '^app/', '\\.d\\.ts$', '^scripts/[^/]+\\.(mjs|ts)$', '^e2e/', '^content/'],
      },
      to: {},
    },
    {
      name: 'resolvable',
      comment: 'This import leads nowhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-dev-packages-in-production',
      comment: 'This runs in production, so what it imports belongs to `dependencies`.',
      severity: 'error',
      from: { path: '^(app|components|lib|server)/', pathNot: TESTS },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: 'node_modules/@types/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Files that a lab hands to its learner are not ours to judge.
    exclude: { path: '^(\\.next|\\.data)/|^content/.*/files/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json', '.d.ts'],
    },
  },
}
