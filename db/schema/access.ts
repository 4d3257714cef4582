import type { ActorKind, Role, UserRole } from '../types.ts';
import type { NullableTime, Time } from './columns.ts';

/** Who may look. */

export interface UsersTable {
  user_id: string;
  name: string;
  role: UserRole;
  /** PHC string, argon2id. */
  password: string;
  disabled: boolean;
  created_at: Time;
  last_login_at: NullableTime;
}

export interface ApiKeysTable {
  key_id: string;
  name: string;
  role: Role;
  prefix: string;
  secret_sha256: Buffer;
  first_start: boolean;
  created_at: Time;
  last_used_at: NullableTime;
  revoked_at: NullableTime;
}

export interface SessionsTable {
  session_id: string;
  token_sha256: Buffer;
  actor_kind: ActorKind;
  actor_id: string;
  expires_at: Time;
}

export interface LoginLinksTable {
  token_sha256: Buffer;
  actor_kind: ActorKind;
  actor_id: string;
  expires_at: Time;
}
