import { randomBytes } from 'node:crypto';
import { Writable } from 'node:stream';
import { createInterface } from 'node:readline/promises';
import { Command, Option } from 'commander';
import { z } from 'zod';
import { page } from '../../dashboards/api/schemas/common.ts';
import { apiKey, user } from '../../dashboards/api/schemas/lists.ts';
import { roles, userRoles } from '../../db/types.ts';
import { ApiClient } from '../api-client.ts';
import { configOf } from '../config.ts';
import { printJson, printTable } from '../output.ts';

const whatRolesMay = 'admin may do all; reader may search, read, play and watch';
const userRole = (): Option => new Option('--role <role>', whatRolesMay).choices([...userRoles]).default('reader');
const keyRole = (): Option =>
  new Option('--role <role>', `${whatRolesMay}; sender may send streams and files, and reads nothing`)
    .choices([...roles])
    .default('reader');
const jsonOption = (): Option => new Option('--json', 'print JSON');
const newKey = z.object({ key: apiKey, secret: z.string() });

interface Json {
  readonly json?: true;
}

export function usersCommand(): Command {
  const users = new Command('users').description('the people who may sign in');
  users
    .command('add')
    .description('add a user; the password is read from SIDETONE_PASSWORD, or asked for, or made and printed')
    .argument('<name>')
    .addOption(userRole())
    .addOption(jsonOption())
    .action(async (name: string, options: Json & { readonly role: string }, command: Command) => {
      const client = new ApiClient(configOf(command));
      const given = process.env['SIDETONE_PASSWORD'] ?? (await askPassword());
      const password = given === '' ? randomBytes(12).toString('base64url') : given;
      const added = await client.send('POST', '/api/v1/users', user, { name, role: options.role, password });
      if (options.json === true) printJson(given === '' ? { ...added, password } : added);
      else console.log(`${added.name} may sign in as ${added.role}.${given === '' ? ` Password: ${password}` : ''}`);
    });
  users
    .command('list')
    .addOption(jsonOption())
    .action(async (options: Json, command: Command) => {
      const { items } = await new ApiClient(configOf(command)).get('/api/v1/users', page(user));
      if (options.json === true) printJson(items);
      else {
        printTable(
          ['name', 'role', 'last login', 'state', 'id'],
          items.map((each) => [
            each.name,
            each.role,
            each.lastLoginAt ?? 'never',
            each.disabled ? 'disabled' : 'active',
            each.userId,
          ]),
        );
      }
    });
  return users;
}

export function keysCommand(): Command {
  const keys = new Command('keys').description('API keys for programs');
  keys
    .command('add')
    .description('make an API key; its secret is printed once and never again')
    .argument('<name>')
    .addOption(keyRole())
    .addOption(jsonOption())
    .action(async (name: string, options: Json & { readonly role: string }, command: Command) => {
      const client = new ApiClient(configOf(command));
      const added = await client.send('POST', '/api/v1/keys', newKey, { name, role: options.role });
      if (options.json === true) printJson(added);
      else console.log(added.secret);
    });
  keys
    .command('list')
    .addOption(jsonOption())
    .action(async (options: Json, command: Command) => {
      const { items } = await new ApiClient(configOf(command)).get('/api/v1/keys', page(apiKey));
      if (options.json === true) printJson(items);
      else {
        printTable(
          ['name', 'role', 'begins', 'last used', 'state', 'id'],
          items.map((key) => [
            key.name,
            key.role,
            key.prefix,
            key.lastUsedAt ?? 'never',
            key.revokedAt === null ? 'active' : 'revoked',
            key.keyId,
          ]),
        );
      }
    });
  keys
    .command('revoke')
    .argument('<id>')
    .addOption(jsonOption())
    .action(async (id: string, options: Json, command: Command) => {
      const revoked = await new ApiClient(configOf(command)).send(
        'DELETE',
        `/api/v1/keys/${encodeURIComponent(id)}`,
        apiKey,
      );
      if (options.json === true) printJson(revoked);
      else console.log(`${revoked.name} is revoked.`);
    });
  return keys;
}

/** Empty in a pipe, or when nothing is typed: then one is made. What is typed is not shown. */
async function askPassword(): Promise<string> {
  if (!process.stdin.isTTY) return '';
  process.stderr.write('Password (12 characters or more, not shown; empty: one is made): ');
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: unseen, terminal: true });
  try {
    return (await terminal.question('')).trim();
  } finally {
    terminal.close();
    process.stderr.write('\n');
  }
}
