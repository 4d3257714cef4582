import type { Role } from '#db/types.ts';

/**
 * Who may use a route. `open` needs no sign-in; `monitor` is for scrapers: whoever may read, or any client on loopback;
 * `signed-in` is every role. The others are named after the weakest role that may.
 */
export type Access = 'open' | 'monitor' | 'signed-in' | 'reader' | 'sender' | 'admin';

/** Neither of `reader` and `sender` is the other's better: one reads, the other brings. */
const rolesByAccess: Readonly<Record<Exclude<Access, 'open'>, readonly Role[]>> = {
  monitor: ['reader', 'admin'],
  'signed-in': ['sender', 'reader', 'admin'],
  reader: ['reader', 'admin'],
  sender: ['sender', 'admin'],
  admin: ['admin'],
};

export function mayUse(access: Access, role: Role): boolean {
  return access === 'open' || rolesByAccess[access].includes(role);
}

/** `sender or admin`, for people. */
export function rolesFor(access: Exclude<Access, 'open'>): string {
  return rolesByAccess[access].join(' or ');
}
