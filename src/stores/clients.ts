/** Whose records or runs are asked for: of any of these clients, or of all where none are given. */
export interface OfClients {
  clientIds?: readonly string[];
}
