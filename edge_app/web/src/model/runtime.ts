/** LiteRT in WebAssembly behind one call: pixels in, named outputs out. */

import { loadAndCompile, loadLiteRt, Tensor, type SignatureRunner, type TensorDetails } from '@litertjs/core';
import loader from '@litertjs/core/wasm/litert_wasm_compat_internal.js?url';
import binary from '@litertjs/core/wasm/litert_wasm_compat_internal.wasm?url';
import type { InputSpec } from './bundle';
import { addressOf } from '../shared/files';

export type Outputs = Record<string, { shape: number[]; values: Float32Array }>;

/** A loaded model. One call at a time. */
export class Runtime {
  private constructor(
    private readonly model: SignatureRunner,
    private readonly shape: number[],
  ) {}

  /**
   * Opens a model; the loader finds its binary through a global, since it can't know a worker's address.
   *
   * @throws Error Where the model takes another input than it should.
   */
  static async load({ size, channels }: InputSpec, model: Uint8Array): Promise<Runtime> {
    Object.assign(self, { Module: { locateFile: () => addressOf(binary) } });
    await loadLiteRt(addressOf(loader));
    const compiled = await loadAndCompile(model, { accelerator: 'wasm' });
    const [signature] = Object.values(compiled.signatures);
    const runtime = new Runtime(signature ?? compiled, [1, size, size, channels]);
    const taken = Array.from(runtime.input.shape);
    if (taken.join() !== runtime.shape.join()) {
      throw new Error(`the model takes ${taken.join(' x ')}, not ${runtime.shape.join(' x ')}`);
    }
    return runtime;
  }

  /** Runs the model once on uint8 (size, size, channels). */
  async run(pixels: Uint8Array<ArrayBuffer>): Promise<Outputs> {
    const { name, dtype } = this.input;
    const tensor = new Tensor(dtype === 'float32' ? Float32Array.from(pixels) : pixels, this.shape);
    try {
      const results = await this.model.run({ [name]: tensor });
      return Object.fromEntries(Object.entries(results).map(([name, result]) => [name, take(result)]));
    } finally {
      tensor.delete();
    }
  }

  private get input(): TensorDetails {
    return this.model.getInputDetails()[0]!;
  }
}

function take(tensor: Tensor): { shape: number[]; values: Float32Array } {
  const taken = {
    shape: Array.from(tensor.type.layout.dimensions),
    values: Float32Array.from(tensor.toTypedArray()),
  };
  tensor.delete();
  return taken;
}
