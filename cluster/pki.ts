import { generateKeyPairSync } from 'node:crypto'
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exec } from './exec.ts'
import { API_SERVICE_IP } from './network.ts'

/** Who enforces NetworkPolicy, to the API server. */
export const NETPOL_USER = 'drydock:netpol'

export type Usage = 'clientAuth' | 'serverAuth'
export type CertificateRequest = { name: string; ca: string; cn: string; o?: string; usages: Usage[]; sans?: string[] }

export const AUTHORITIES = ['ca', 'etcd-ca', 'front-proxy-ca'] as const

/** Every certificate of the node, one identity for each component (kubernetes.io: "PKI certificates and requirements"). */
export function certificateRequests(nodeName: string, nodeIp: string): CertificateRequest[] {
  const client = (name: string, cn: string, o?: string, ca = 'ca'): CertificateRequest => ({
    name,
    ca,
    cn,
    ...(o ? { o } : {}),
    usages: ['clientAuth'],
  })
  const apiNames = [
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    'kubernetes.default.svc.cluster.local',
  ]
  return [
    {
      name: 'apiserver',
      ca: 'ca',
      cn: 'kube-apiserver',
      usages: ['serverAuth'],
      sans: [...apiNames, 'localhost']
        .map((name) => `DNS:${name}`)
        .concat(`IP:${API_SERVICE_IP}`, 'IP:127.0.0.1', `IP:${nodeIp}`),
    },
    {
      name: 'kubelet-server',
      ca: 'ca',
      cn: `${nodeName}-kubelet`,
      usages: ['serverAuth'],
      sans: [`DNS:${nodeName}`, `IP:${nodeIp}`],
    },
    {
      name: 'etcd',
      ca: 'etcd-ca',
      cn: 'etcd',
      usages: ['serverAuth', 'clientAuth'],
      sans: ['DNS:localhost', 'IP:127.0.0.1'],
    },
    client('apiserver-etcd-client', 'kube-apiserver-etcd-client', undefined, 'etcd-ca'),
    client('front-proxy-client', 'front-proxy-client', undefined, 'front-proxy-ca'),
    client('apiserver-kubelet-client', 'kube-apiserver-kubelet-client'),
    client('admin', 'drydock-admin', 'system:masters'),
    client('controller-manager', 'system:kube-controller-manager'),
    client('scheduler', 'system:kube-scheduler'),
    client('kube-proxy', 'system:kube-proxy'),
    client('netpol', NETPOL_USER),
    client('kubelet', `system:node:${nodeName}`, 'system:nodes'),
  ]
}

/** An OpenSSL configuration of our own: the machine's default one would make every certificate an authority. */
export function opensslConfig(request: {
  cn: string
  o?: string
  usages: Usage[]
  sans?: string[]
  authority?: boolean
}): string {
  const extensions = request.authority
    ? ['basicConstraints = critical,CA:TRUE,pathlen:0', 'keyUsage = critical,keyCertSign,cRLSign,digitalSignature']
    : [
        'basicConstraints = critical,CA:FALSE',
        'keyUsage = critical,digitalSignature',
        `extendedKeyUsage = ${request.usages.join(',')}`,
      ]
  if (request.sans) extensions.push(`subjectAltName = ${request.sans.join(',')}`)
  const subject = [...(request.o ? [`O = ${request.o}`] : []), `CN = ${request.cn}`]
  return `[req]\nprompt = no\ndistinguished_name = dn\nx509_extensions = ext\n[dn]\n${subject.join('\n')}\n[ext]\n${extensions.join('\n')}\n`
}

// Made anew at each boot and gone with it, so nothing renews them: valid longer than any such cluster runs.
const DAYS = '3650'

async function issue(dir: string, name: string, config: string, ca?: string): Promise<void> {
  writeFileSync(join(dir, `${name}.cnf`), config)
  const sign = ca ? ['-CA', `${ca}.crt`, '-CAkey', `${ca}.key`] : []
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc', '-keyout', `${name}.key`]
  await exec(
    'openssl',
    ['req', '-x509', '-config', `${name}.cnf`, ...key, ...sign, '-days', DAYS, '-out', `${name}.crt`],
    { cwd: dir },
  )
  chmodSync(join(dir, `${name}.key`), 0o600)
  rmSync(join(dir, `${name}.cnf`))
}

/** Fills `dir` with NAME.crt and NAME.key for every authority and certificate, and the service account key pair. */
export async function createPki(dir: string, nodeName: string, nodeIp: string): Promise<void> {
  rmSync(dir, { recursive: true, force: true })
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const accounts = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  writeFileSync(join(dir, 'sa.key'), accounts.privateKey.export({ type: 'sec1', format: 'pem' }), { mode: 0o600 })
  writeFileSync(join(dir, 'sa.pub'), accounts.publicKey.export({ type: 'spki', format: 'pem' }))
  await Promise.all(
    AUTHORITIES.map((ca) => issue(dir, ca, opensslConfig({ cn: `drydock ${ca}`, usages: [], authority: true }))),
  )
  await Promise.all(
    certificateRequests(nodeName, nodeIp).map((request) =>
      issue(dir, request.name, opensslConfig(request), request.ca),
    ),
  )
}
