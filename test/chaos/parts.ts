/** What is killed and started again, in the order in which they need each other. */
export const PARTS = ['temporal', 'nemo-local', 'gateway', 'worker'] as const;
export type Part = (typeof PARTS)[number];
