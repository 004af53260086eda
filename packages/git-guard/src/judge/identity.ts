/** Who a commit says wrote it, and who made it. */
export interface Ident {
  readonly name: string;
  readonly email: string;
}

/** The one name and address under which an actor authors; the domain is one that can never exist. */
export function identOf(actor: string): Ident {
  return { name: actor, email: `${actor}@federation.invalid` };
}

export function isIdentOf(actor: string, ident: Ident): boolean {
  const own = identOf(actor);
  return ident.name === own.name && ident.email === own.email;
}
