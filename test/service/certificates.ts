/** Certificates made by the command `openssl`, where there is one. */
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { needs } from '../needs.js';

export const NEEDS_OPENSSL = needs('openssl', spawnSync('openssl', ['version']).status === 0);

export interface CertificatePaths {
  readonly cert: string;
  readonly key: string;
}

/** A certificate for localhost that signs itself, and its key, which its owner alone can read. */
export function makeCertificate(folder: string, name: string): CertificatePaths {
  const [cert, key] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
  const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1';
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const files = ['-keyout', key, '-out', cert, '-subj', '/CN=localhost', '-addext', names];
  execFileSync('openssl', ['req', '-x509', ...kind, ...files], { stdio: 'pipe' });
  return { cert, key };
}
