/** The platform's words for a job that has ended. */
const OVER: (string | null | undefined)[] = ['completed', 'failed', 'cancelled'];

/** Whether a customization or an evaluation with this status has ended, however. */
export const isOver = (status: string | null | undefined): boolean => OVER.includes(status);
