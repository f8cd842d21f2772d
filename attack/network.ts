import { createServer } from 'node:net'
import type { Attack, Outcome } from '#attack/attack.ts'
import { eventually } from '#attack/box.ts'
import { once } from '#attack/once.ts'
import type { Control, Range, Subject } from '#attack/range.ts'
import { CONTROL_WORDS, runScript, scripted } from '#attack/scripted.ts'
import type { ProfileName } from '#lib/sandbox/machine-profiles.ts'

const PORT = 7777
const UDP_PORT = 7778
/** Addresses of elsewhere, which the node has during a run so that somebody would answer: RFC 5737, RFC 3927. */
const INTERNET = '198.51.100.1'
const METADATA = '169.254.169.254'
const API_SERVICE = '10.96.0.1'
/** More than one pod may have. */
const CONNECTIONS = 200
const listen = `socat TCP-LISTEN:${PORT},fork,reuseaddr SYSTEM:true </dev/null >/dev/null 2>&1 & sleep 0.3; echo listens`

/** Whether a TCP connection comes about. */
const connect = (host: string, port: number) =>
  `if nc -z -w 2 ${host} ${port} 2>/dev/null; then echo "${host}:${port} answers"; else echo "no way to ${host}:${port}"; false; fi`

const from = (subject: Subject | Control, script: string) => runScript(subject.box, script)

/** What stands beside the sandboxes, made at first use, once for a range. */
type Targets = { listener: Control; node: Control; nodeIp: string; hostIp: string; hostPort: number }
const targetsOf = new WeakMap<Range, () => Promise<Targets>>()

const targets = (range: Range): Promise<Targets> => {
  const known = targetsOf.get(range) ?? lazily(() => makeTargets(range))
  targetsOf.set(range, known)
  return known()
}
const lazily = <T>(make: () => Promise<T>) => {
  const made = once(make)
  return () => made(undefined)
}

async function makeTargets(range: Range): Promise<Targets> {
  const [listener, node] = await Promise.all([range.control('open', 'shell'), range.control('node', 'root')])
  await listener.box.run(listen)
  const nodeIp = node.ip
  // The embedded cluster's link: the host has the other address of the /30.
  if (!/^10\.231\.\d+\.2$/.test(nodeIp)) throw new Error(`${nodeIp} is no node of an embedded cluster`)
  const hostIp = nodeIp.replace(/2$/, '1')
  const address = (action: 'add' | 'del') =>
    node.box.run([INTERNET, METADATA].map((ip) => `ip address ${action} ${ip}/32 dev lo`).join('; '))
  await address('add')
  await node.box.run(listen)
  range.defer(() => address('del'))
  const server = createServer((socket) => socket.on('error', () => {}).end())
  await new Promise<void>((resolve, reject) => server.on('error', reject).listen(0, hostIp, resolve))
  range.defer(() => server.close())
  const bound = server.address()
  return { listener, node, nodeIp, hostIp, hostPort: typeof bound === 'object' && bound ? bound.port : 0 }
}

/** The neighbour's machine listens, and so does a pod behind a Service in their namespace. */
const neighbours = new WeakMap<
  Range,
  () => Promise<{ machine: Subject; podIp: string; serviceIp: string; name: string }>
>()
const neighbour = (range: Range) => {
  const known = neighbours.get(range) ?? lazily(() => makeNeighbour(range))
  neighbours.set(range, known)
  return known()
}
async function makeNeighbour(range: Range) {
  const machine = await range.neighbour()
  await machine.box.run(listen)
  const { admin } = await range.askers()
  const core = `/api/v1/namespaces/${machine.learner}`
  const labels = { app: 'web' }
  const container = { name: 'c', image: 'nginx' }
  await admin('POST', `${core}/pods`, {
    body: { metadata: { name: 'web', labels }, spec: { containers: [container] } },
  })
  await admin('POST', `${core}/services`, {
    body: { metadata: { name: 'web' }, spec: { selector: labels, ports: [{ port: 80 }] } },
  })
  const podIp = await eventually(async () => {
    const { body } = await admin('GET', `${core}/pods/web`)
    const { podIP, phase } = JSON.parse(body).status ?? {}
    if (phase !== 'Running' || typeof podIP !== 'string') throw new Error('the neighbour’s pod does not run')
    return podIP
  })
  const { body } = await admin('GET', `${core}/services/web`)
  // As they would themselves: without it the rows below would hold for want of a listener.
  const works = await machine.box.run(
    'for i in {1..50}; do curl -s -m 2 http://web >/dev/null && exit 0; sleep 0.2; done; exit 1',
  )
  if (works.code !== 0) throw new Error('the neighbour does not reach their own Service')
  return {
    machine,
    podIp,
    serviceIp: `${JSON.parse(body).spec.clusterIP}`,
    name: `web.${machine.learner}.svc.cluster.local`,
  }
}

/** Holds as many connections as it gets. */
const flood = (host: string) =>
  `n=0; for i in {1..${CONNECTIONS}}; do exec {fd}<>/dev/tcp/${host}/6443 && n=$((n + 1)); done 2>/dev/null
echo "$n of ${CONNECTIONS} connections at once"; [ $n -gt ${CONNECTIONS - 50} ]`

const open = (range: Range, profile: ProfileName) => range.control('open', profile)

type Way = (range: Range) => Promise<string>
/** A connection that policies forbid; where there are none it comes about, to a pod that has none either. */
const policy = (name: string, way: Way): Attack => ({
  name,
  control: CONTROL_WORDS.open,
  attempt: async (range, profile) => from(await range.subject(profile), await way(range)),
  proof: async (range, profile) => from(await open(range, profile), connect((await targets(range)).listener.ip, PORT)),
})
/** A connection that the node's own firewall or the missing route forbids; the node's network has the way. */
const beyond = (name: string, script: (found: Targets) => string, options: Pick<Attack, 'from'> = {}): Attack => ({
  name,
  control: 'a pod in the node’s network',
  ...options,
  attempt: async (range, profile) => from(await range.subject(profile), script(await targets(range))),
  proof: async (range, profile) => from(await range.control('node', profile), script(await targets(range))),
})

/** Any of several addresses will do. */
const anyOf = (...scripts: string[]) => `${scripts.map((script) => `( ${script} ) && exit 0`).join('\n')}\nfalse`

export const NETWORK: Attack[] = [
  policy('another’s machine', async (range) => connect((await neighbour(range)).machine.ip, PORT)),
  policy('another’s pod', async (range) => connect((await neighbour(range)).podIp, 80)),
  policy('another’s Service', async (range) => connect((await neighbour(range)).serviceIp, 80)),
  policy('any pod outside', async (range) => connect((await targets(range)).listener.ip, PORT)),
  {
    name: 'into the machine from a pod outside',
    control: CONTROL_WORDS.open,
    attempt: async (range, profile) => {
      const subject = await range.subject(profile)
      await subject.box.run(listen)
      return from(await open(range, profile), connect(subject.ip, PORT))
    },
    proof: async (range, profile) =>
      from(await open(range, profile), connect((await targets(range)).listener.ip, PORT)),
  },
  {
    name: 'the API server',
    from: ({ kubernetes }) => !kubernetes,
    control: CONTROL_WORDS.open,
    attempt: async (range, profile) => from(await range.subject(profile), apiServer((await targets(range)).nodeIp)),
    proof: async (range, profile) => from(await open(range, profile), apiServer((await targets(range)).nodeIp)),
  },
  {
    name: 'the API server with no name',
    from: ({ kubernetes }) => kubernetes,
    control: 'the learner’s token is shown',
    attempt: async (range, profile) => from(await range.subject(profile), anonymous('')),
    proof: async (range, profile) =>
      from(
        await range.subject(profile),
        anonymous('-H "authorization: Bearer $(cat /run/secrets/kubernetes.io/serviceaccount/token)"'),
      ),
  },
  beyond('the host', ({ hostIp, hostPort }) => connect(hostIp, hostPort)),
  beyond('the node’s own ports', ({ nodeIp }) => connect(nodeIp, PORT)),
  beyond('the API server’s time, by connections as execs make them', ({ nodeIp }) => flood(nodeIp), {
    from: ({ kubernetes }) => kubernetes,
  }),
  beyond('the kubelet', ({ nodeIp }) => connect(nodeIp, 10250)),
  beyond('etcd', ({ nodeIp }) => anyOf(connect(nodeIp, 2379), connect('127.0.0.1', 2379))),
  beyond('the scheduler and the controller manager', ({ nodeIp }) =>
    anyOf(...[10257, 10259].flatMap((port) => [connect(nodeIp, port), connect('127.0.0.1', port)])),
  ),
  beyond('the internet', () => connect(INTERNET, PORT)),
  beyond('a cloud’s metadata', () => connect(METADATA, PORT)),
  scripted({
    name: 'the containers’ engine of the node',
    control: 'node',
    script: `for socket in /run/containerd/containerd.sock /proc/[0-9]*/root/run/drydock/../containerd/containerd.sock; do
  [ -d "\${socket%/containerd/*}" ] && [ -d "\${socket%containerd/*}drydock/pki" ] && [ -S "$socket" ] && [ -w "$socket" ] && { echo "$socket"; exit 0; }
done 2>/dev/null; echo no socket of the node’s; false`,
  }),
  {
    name: 'names of others’ addresses (reverse zones)',
    control: 'the address of a name in a file',
    from: ({ kubernetes }) => kubernetes,
    attempt: async (range, profile) => {
      const { serviceIp, podIp } = await neighbour(range)
      return from(await range.subject(profile), anyOf(resolve(serviceIp), resolve(podIp), resolve(API_SERVICE)))
    },
    proof: async (range, profile) => from(await range.subject(profile), resolve('127.0.0.1')),
  },
  {
    name: 'a list of all names (zone transfer)',
    control: 'one name, asked the same way',
    from: ({ kubernetes }) => kubernetes,
    attempt: async (range, profile) =>
      from(
        await range.subject(profile),
        anyOf(dns('cluster.local', 252, true), dns('svc.cluster.local', 252, true), dns('svc.cluster.local', 255)),
      ),
    proof: async (range, profile) => from(await range.subject(profile), dns('kubernetes.default.svc.cluster.local', 1)),
  },
  {
    name: 'in another’s name (spoofed source)',
    from: ({ root }) => root,
    control: 'a pod in the node’s network, with an address of the node’s',
    // From a pod without policies, as those would hide what is asked here: whose packets the node takes.
    attempt: async (range, profile) => spoof(range, await open(range, profile), (await neighbour(range)).podIp),
    proof: async (range, profile) => spoof(range, await range.control('node', profile), INTERNET),
  },
  {
    name: 'the node over link-local IPv6',
    from: ({ root }) => root,
    control: 'a peer of one’s own that speaks IPv6',
    attempt: async (range, profile) => from(await range.subject(profile), linkLocal('eth0')),
    proof: async (range, profile) => from(await open(range, profile), `${PEER}\n${linkLocal('own')}`),
  },
]

const apiServer = (nodeIp: string) => anyOf(connect(API_SERVICE, 443), connect(nodeIp, 6443))

const anonymous = (header: string) =>
  `answer=$(curl -sk -m 5 -o /dev/null -w '%{http_code}' ${header} https://${API_SERVICE}/api/v1/namespaces/$(cat /run/secrets/kubernetes.io/serviceaccount/namespace)/pods)
echo "answered $answer"; [ "$answer" = 200 ]`

const resolve = (what: string) => `getent hosts ${what} && exit 0; echo "no name for ${what}"; false`

/** One question to the cluster's name server; works when there is an answer in it. */
const dns = (name: string, type: number, tcp = false) =>
  `server=$(sed -n 's/^nameserver //p' /etc/resolv.conf | head -1)
count=$(perl -e '
  my $q = pack("n6", 7, 0x100, 1, 0, 0, 0) . join("", map { pack("C/a*", $_) } split(/\\./, $ARGV[0])) . pack("Cnn", 0, $ARGV[1], 1);
  my $file = "/tmp/attack-dns-$$"; open(my $out, ">", $file); print $out (${tcp ? 'pack("n", length $q) . $q' : '$q'}); close $out;
  my $a = \`nc ${tcp ? '' : '-u'} -w 2 $ARGV[2] 53 <$file\`; ${tcp ? '$a = substr($a, 2);' : ''}
  print length($a) < 12 ? 0 : unpack("x6 n", $a);' ${name} ${type} "$server")
echo "\${count:-0} records of type ${type} for ${name}"; [ "\${count:-0}" -gt 0 ]`

/** A datagram from an address that is not the sender's; the listener tells whether it came, and from whom. */
async function spoof(range: Range, sender: Control, address: string): Promise<Outcome> {
  const { listener } = await targets(range)
  const file = `/tmp/spoofed-${sender.pod}`
  const heard = listener.box.run(
    `rm -f ${file}; timeout 6 socat -u UDP-RECVFROM:${UDP_PORT},reuseaddr SYSTEM:'echo $SOCAT_PEERADDR >${file}'; cat ${file} 2>/dev/null`,
  )
  await sender.box.run(
    `ip address add ${address}/32 dev lo 2>/dev/null; for i in {1..20}; do echo hello | socat -u - UDP-SENDTO:${listener.ip}:${UDP_PORT},bind=${address}; sleep 0.2; done; ${
      address === INTERNET ? ':' : `ip address del ${address}/32 dev lo`
    }`,
  )
  const { output } = await heard
  const came = output.includes(address)
  return { worked: came, seen: came ? `heard from ${address}` : 'nothing was heard' }
}

/** A link of one's own, to a namespace of one's own that answers on IPv6. */
const PEER = `ip netns add peer 2>/dev/null && ip link add own type veth peer name theirs netns peer
for file in /proc/sys/net/ipv6/conf/own/disable_ipv6; do echo 0 >$file; done
ip link set own up; ip netns exec peer sh -c 'echo 0 >/proc/sys/net/ipv6/conf/theirs/disable_ipv6' 2>/dev/null
ip -n peer link set theirs up; sleep 3`
const linkLocal = (link: string) =>
  `echo 0 >/proc/sys/net/ipv6/conf/${link}/disable_ipv6 2>/dev/null; sleep 3
own=$(ip -6 -o address show dev ${link} | sed -n 's/.*inet6 \\(fe80[^/]*\\).*/\\1/p' | head -1)
other=$(ping -6 -c 2 -w 4 ff02::1%${link} 2>/dev/null | sed -n 's/.*from \\([^%: ]*[^ %]*\\)%.*/\\1/p' | grep -vx "$own" | head -1)
[ -n "$other" ] && echo "$other answers" || { echo "nobody answers \${own:-without an address}"; false; }`
