/** The seam between nemo-local's services and the tiny models that stand behind the model names. */

export interface ToolCall {
  id: string;
  type: 'function';
  /** `arguments` is a JSON string, as on the wire. */
  function: { name: string; arguments: string };
}

export interface ChatMessage {
  role: string;
  content?: unknown;
  tool_calls?: unknown;
  tool_call_id?: string;
  name?: string;
}

export interface ToolSchema {
  type: 'function';
  function: { name: string; description?: string; parameters?: Record<string, unknown> };
}

/** An OpenAI chat-completions request as far as the models read it. */
export interface ChatRequest {
  model: string;
  messages: ChatMessage[];
  tools?: ToolSchema[];
  tool_choice?: unknown;
  max_tokens?: number;
}

export interface ChatAnswer {
  content: string | null;
  toolCalls: ToolCall[];
  promptTokens: number;
  completionTokens: number;
}

/** A base model, known by its name alone: its capacity follows from the number of parameters in the name (`…-3b…`). */
export interface BaseModel {
  name: string;
  /** Billions of parameters that the name claims; 1 when it claims none. */
  size: number;
  isJudge: boolean;
}

/** Trained weights; plain JSON-serialisable data, so that an adapter is a file. */
export interface Adapter {
  baseModel: string;
  [part: string]: unknown;
}

export interface Hyperparameters {
  epochs: number;
  batchSize: number;
  learningRate: number;
  adapterDim: number;
  adapterDropout: number;
  seed: number;
}

/** One line of a training file: `messages` (the last one is the answer) and the tools that were offered. */
export interface TrainingRow {
  messages: ChatMessage[];
  tools?: ToolSchema[];
}

export interface TrainingStep {
  /** 0-based, over all epochs. */
  step: number;
  epochsCompleted: number;
  trainLoss: number;
  /** At the last step of an epoch: mean over the validation rows whose function training met, when there are any. */
  validationLoss?: number;
}

export interface TrainingJob {
  base: BaseModel;
  rows: TrainingRow[];
  validation: TrainingRow[];
  hyperparameters: Hyperparameters;
  /** Awaited after each step: yields to the event loop, applies the time scale, throws to abort. */
  onStep: (step: TrainingStep) => Promise<void>;
}

export interface Engine {
  baseModel(name: string): BaseModel;
  answer(request: ChatRequest, model: BaseModel, adapter: Adapter | null): ChatAnswer;
  train(job: TrainingJob): Promise<Adapter>;
}
