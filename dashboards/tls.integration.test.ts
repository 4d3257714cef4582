import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openHttpHouse, type HttpHouse } from '#test/dashboards/http-house.ts';

const folder = mkdtempSync(join(tmpdir(), 'st-tls-'));
const certFile = join(folder, 'cert.pem');
const keyFile = join(folder, 'key.pem');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function makeCertificate(): boolean {
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'];
  const files = ['-keyout', keyFile, '-out', certFile];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  try {
    execFileSync('openssl', ['req', '-x509', ...curve, ...subject, ...files], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!makeCertificate())('over TLS (openssl makes the certificate)', () => {
  const password = 'correct horse battery';
  let house: HttpHouse;
  beforeAll(async () => {
    house = await openHttpHouse({ http: { tls: { certFile, keyFile } } });
    await house.database.users.add({ name: 'Priya', role: 'reader', password });
  });
  afterAll(() => house.close());

  test('the session cookie is Secure, and browsers are told to stay with TLS', async () => {
    expect(house.http.url).toMatch(/^https:/);
    const headers = await new Promise<Record<string, unknown>>((resolve, reject) => {
      const asked = request(
        `${house.http.url}/api/v1/session`,
        { method: 'POST', ca: readFileSync(certFile), headers: { 'Content-Type': 'application/json' } },
        (answer) => {
          answer.resume();
          resolve({ status: answer.statusCode, ...answer.headers });
        },
      );
      asked.on('error', reject);
      asked.end(JSON.stringify({ name: 'Priya', password }));
    });
    expect(headers['status']).toBe(200);
    expect(String(headers['set-cookie'])).toMatch(/HttpOnly; SameSite=Strict; .*Secure/);
    expect(headers['strict-transport-security']).toContain('max-age=');
  });
});
