/** What the sections of the configuration file are made of. */
import { z } from 'zod';
import { integer, text } from './lax.js';

/** A part of the file that is keys with values; `cure` says what to write where it is something else. */
export const keys = <T extends z.core.$ZodShape>(
  shape: T,
  cure = `with keys such as ${Object.keys(shape)[0]}`,
) => z.object(shape, { error: `Input should be a section ${cure}` });

/** A part of the file that may be left out, or left empty, when its keys have defaults. */
export const section = <T extends z.core.$ZodShape>(shape: T) =>
  z.preprocess((value) => value ?? {}, keys(shape));

export const modelName = text.refine((name) => name.trim() !== '', {
  message: 'Input should be the name of a model, such as meta/llama-3.2-1b-instruct',
});

export const optionalText = text.nullable().default(null);
export const count = (fallback: number) => integer({ ge: 1 }).default(fallback);

/** A key of the blueprint that is taken and has no effect. */
export const ignored = (why: string) => z.unknown().optional().describe(`taken, and without effect: ${why}`);

/** What names the image of a model that is deployed. */
export const imageShape = {
  registry_base: text.default('nvcr.io/nim').describe("registry of the model's image"),
  tag: optionalText.describe("tag of the image; null: the platform's own"),
  gpus: integer({ ge: 1 })
    .nullable()
    .default(null)
    .describe("GPUs of the deployment; null: the platform's own, counted as 1 by the GPU pool"),
  pvc_size: optionalText.describe("volume for the model's weights, such as `25Gi`; null: the platform's own"),
};
