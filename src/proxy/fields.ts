import { asFields, type Fields } from '../records/canonical-message.js';

/** Of what others have sent; none where it is no object. */
export const fieldsOf = (value: unknown): Fields => asFields(value) ?? {};

export const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
