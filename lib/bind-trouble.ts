/** Why an address cannot be bound, by Node's code, and what to do; another code stands for itself. */
export function bindTrouble(code: string): string {
  if (code === 'EADDRINUSE') return 'another program has it: stop that, or choose another port';
  if (code === 'EADDRNOTAVAIL') return 'this machine has no such address: choose one of its own, or 0.0.0.0';
  if (code === 'EACCES') return 'not allowed: ports below 1024 need the right to bind them (CAP_NET_BIND_SERVICE)';
  return code;
}
