/** TLS by files: those that are refused, and what a server with a pair of them answers. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { outOfTime, readCertificate } from '../../service/certificate.js';
import { listen } from '../../service/listen.js';
import { needs } from '../needs.js';
import { temporaryFolder } from '../tools/command_line.js';
import { type CertificatePaths, makeCertificate, NEEDS_OPENSSL } from './certificates.js';
import { openService } from './open_service.js';

const folder = temporaryFolder();

describe('TLS', NEEDS_OPENSSL, () => {
  const made: Partial<Record<string, CertificatePaths>> = {};
  const pair = (name: string): CertificatePaths => {
    made[name] ??= makeCertificate(folder, name);
    return made[name];
  };
  const file = (name: string, content: string) => {
    const path = join(folder, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };

  test('is spoken with a certificate and its key, and nothing else is', async () => {
    const certificate = await readCertificate(pair('first'));
    await using service = await openService({}, {}, 1, { certificate, ownNamesAlone: false });
    const address = await listen(service, { host: '127.0.0.1', port: 0 });
    const { port } = new URL(address);
    expect(address).toBe(`https://127.0.0.1:${port}`);
    const plain = connect(Number(port), '127.0.0.1');
    plain.write('GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await once(plain, 'close');
    const answers = ['/healthz', '/nosuch', '/%zz'].map(async (path) => {
      const asked = get(`${address}${path}`, { ca: certificate.cert, agent: false });
      const [answer] = await once(asked, 'response');
      return {
        status: answer.statusCode,
        sworn: answer.headers['strict-transport-security'],
        body: await text(answer),
      };
    });
    const sworn = 'max-age=31536000';
    expect(await Promise.all(answers)).toMatchObject([200, 404, 404].map((status) => ({ status, sworn })));
    await expect(once(get(address, { agent: false }), 'response')).rejects.toThrow(/self-signed/);
  });

  test('is not sworn to where the name is localhost, which is that of other servers', async () => {
    const certificate = await readCertificate(pair('first'));
    await using service = await openService({}, {}, 1, { certificate });
    expect((await service.app.inject('/healthz')).headers).not.toHaveProperty('strict-transport-security');
  });

  test('has a time', async () => {
    const certificate = await readCertificate(pair('first'));
    expect(outOfTime(certificate)).toBeUndefined();
    expect(outOfTime(certificate, new Date('2001-01-01'))).toMatch(/counts from 2\d{3}-.*Z on/);
    expect(outOfTime(certificate, new Date('2222-01-01'))).toMatch(/has run out \(2\d{3}-.*Z\)/);
  });

  test.each<[string, () => CertificatePaths, RegExp]>([
    [
      'the key of another',
      () => ({ ...pair('first'), key: pair('second').key }),
      /second\.key: expected the private key of .*first\.pem\. It is that of another certificate\.$/,
    ],
    [
      'the two swapped',
      () => ({ cert: pair('first').key, key: pair('second').key }),
      /first\.key: expected a certificate \(PEM\)\. It is none/,
    ],
    [
      'a certificate for a key',
      () => ({ ...pair('first'), key: file('cert.key', readFileSync(pair('first').cert, 'utf8')) }),
      /cert\.key: expected a private key \(PEM\)\. It is none/,
    ],
    [
      'half a certificate',
      () => ({ ...pair('first'), cert: file('half.pem', readFileSync(pair('first').cert, 'utf8').slice(0, 200)) }),
      /half\.pem: expected a certificate/,
    ],
    [
      'half a key',
      () => ({ ...pair('first'), key: file('half.key', readFileSync(pair('first').key, 'utf8').slice(0, 100)) }),
      /half\.key: expected a private key/,
    ],
    [
      'a damaged one behind it',
      () => ({
        ...pair('first'),
        cert: file(
          'chain.pem',
          `${readFileSync(pair('first').cert, 'utf8')}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
        ),
      }),
      /chain\.pem: expected a certificate that TLS can be spoken with\. OpenSSL says: /,
    ],
    ['nothing', () => ({ ...pair('first'), cert: file('empty.pem', '') }), /empty\.pem: expected a certificate/],
    [
      'no file',
      () => ({ ...pair('first'), cert: join(folder, 'none.pem') }),
      /none\.pem: expected a certificate \(PEM\)\. There is no such file\./,
    ],
  ])('refused: %s', async (_, files, message) => {
    const refusal = expect(readCertificate(files())).rejects;
    await refusal.toThrow(message);
    await refusal.not.toThrow(/BEGIN|\n/);
  });

  test('refused: a key with a passphrase', async () => {
    const key = join(folder, 'locked.key');
    const { cert, key: open } = pair('first');
    execFileSync('openssl', ['pkey', '-in', open, '-aes256', '-passout', 'pass:secret', '-out', key]);
    await expect(readCertificate({ cert, key })).rejects.toThrow(
      `locked.key: expected a private key without a passphrase. To take it away: openssl pkey -in ${key} -out KEY`,
    );
  });

  test('refused: a key that all can read', needs('notWindows', process.platform !== 'win32'), async () => {
    const { cert, key } = makeCertificate(folder, 'open');
    chmodSync(key, 0o644);
    await expect(readCertificate({ cert, key })).rejects.toThrow(`Run: chmod o= ${key}`);
  });
});
