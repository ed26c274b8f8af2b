/** Roles of what an application tells the model beside the conversation: no part of what is said in turn. */
const SYSTEM = new Set(['system', 'developer']);

export const isSystem = ({ role }: { role: string }): boolean => SYSTEM.has(role);
