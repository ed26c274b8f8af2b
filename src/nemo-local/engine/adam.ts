const BETA_1 = 0.9;
const BETA_2 = 0.999;
const EPSILON = 1e-8;

/** Adam on a weight array, lazily: only weights that got a gradient since the last step move. */
export class Adam {
  private readonly weights: Float32Array;
  private readonly gradient: Float32Array;
  private readonly mean: Float32Array;
  private readonly variance: Float32Array;
  private readonly isTouched: Uint8Array;
  private touched: number[] = [];
  private steps = 0;

  constructor(weights: Float32Array) {
    this.weights = weights;
    this.gradient = new Float32Array(weights.length);
    this.mean = new Float32Array(weights.length);
    this.variance = new Float32Array(weights.length);
    this.isTouched = new Uint8Array(weights.length);
  }

  add(at: number, gradient: number): void {
    this.gradient[at] = (this.gradient[at] ?? 0) + gradient;
    if (this.isTouched[at] === 1) return;
    this.isTouched[at] = 1;
    this.touched.push(at);
  }

  step(learningRate: number): void {
    this.steps++;
    const rate = (learningRate * Math.sqrt(1 - BETA_2 ** this.steps)) / (1 - BETA_1 ** this.steps);
    for (const at of this.touched) this.move(at, rate);
    this.touched = [];
  }

  private move(at: number, rate: number): void {
    const g = this.gradient[at] ?? 0;
    const mean = BETA_1 * (this.mean[at] ?? 0) + (1 - BETA_1) * g;
    const variance = BETA_2 * (this.variance[at] ?? 0) + (1 - BETA_2) * g * g;
    this.mean[at] = mean;
    this.variance[at] = variance;
    this.weights[at] = (this.weights[at] ?? 0) - (rate * mean) / (Math.sqrt(variance) + EPSILON);
    this.gradient[at] = 0;
    this.isTouched[at] = 0;
  }
}
