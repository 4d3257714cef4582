import type { Actor } from './audit.ts';

/**
 * `admin` may do all; `reader` searches, reads, plays and watches; `sender` hands calls in (streams, files, copies) and
 * pauses those that run, and reads nothing. People are admins or readers; `sender` is for keys alone.
 */
export const roles = ['admin', 'reader', 'sender'] as const;
export type Role = (typeof roles)[number];
export const userRoles = ['admin', 'reader'] as const satisfies readonly Role[];
export type UserRole = (typeof userRoles)[number];

export interface User {
  readonly userId: string;
  readonly name: string;
  readonly role: UserRole;
  readonly disabled: boolean;
  readonly createdAt: string;
  readonly lastLoginAt: string | null;
}
export interface UserStore {
  /** By name. */
  list(): Promise<readonly User[]>;
  get(userId: string): Promise<User | undefined>;
  /** Names are unique, letter case ignored. @throws SidetoneError `bad-request` (name taken, password under 12 characters) */
  add(user: { readonly name: string; readonly role: UserRole; readonly password: string }): Promise<User>;
  /** Changing the password, or disabling, ends the user's sessions. @throws SidetoneError `not-found`, `bad-request` */
  update(
    userId: string,
    change: {
      readonly role?: UserRole | undefined;
      readonly password?: string | undefined;
      readonly disabled?: boolean | undefined;
    },
  ): Promise<User>;
  /** The user of that name and password, unless disabled. Takes the same time whether the name exists or not. */
  authenticate(name: string, password: string): Promise<User | undefined>;
}

export interface ApiKey {
  readonly keyId: string;
  readonly name: string;
  readonly role: Role;
  /** The first characters of the secret, to recognise it by. */
  readonly prefix: string;
  readonly firstStart: boolean;
  readonly createdAt: string;
  /** To the minute. */
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
}
export interface KeyStore {
  /** Newest first, revoked ones too. */
  list(): Promise<readonly ApiKey[]>;
  /** The secret (`st_...`) is given here and never again: only its hash is kept. @throws SidetoneError `bad-request` */
  add(key: { readonly name: string; readonly role: Role }): Promise<{ readonly key: ApiKey; readonly secret: string }>;
  /** Ends its sessions too. @throws SidetoneError `not-found` */
  revoke(keyId: string): Promise<ApiKey>;
  /** The key of that secret unless revoked; notes its use. */
  authenticate(secret: string): Promise<ApiKey | undefined>;
  /**
   * First start: makes an admin key of its own and writes it to `DATA_DIR/admin-key` (mode 0600). Later: puts the
   * file's key into the database where it is missing there (a new database), and makes no second one.
   */
  ensureAdminKey(): Promise<{ readonly path: string; readonly created: boolean; readonly key: ApiKey | undefined }>;
}

/** Who stands behind a session or link: kind `user`, `key` or `first-start-key`. */
export interface Identity {
  readonly actor: Actor;
  readonly role: Role;
}
export interface Session extends Identity {
  readonly sessionId: string;
  readonly expiresAt: string;
}
export interface SessionStore {
  /**
   * The token goes into the cookie; only its hash is kept.
   * @throws SidetoneError `unauthenticated`: no such user or key, disabled or revoked
   */
  create(actor: Actor, lifetimeS: number): Promise<{ readonly session: Session; readonly token: string }>;
  /** The session while it lasts and its user or key is still good; with the role that they have now. */
  find(token: string): Promise<Session | undefined>;
  end(token: string): Promise<void>;
  /** A token that `redeemLink` takes once within its lifetime. */
  createLink(actor: Actor, lifetimeS: number): Promise<string>;
  redeemLink(token: string): Promise<Identity | undefined>;
}
