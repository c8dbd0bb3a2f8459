/** LiteRT in WebAssembly behind one call: pixels in, named outputs out. */

import { loadAndCompile, loadLiteRt, Tensor, type CompiledModel } from '@litertjs/core';
import loader from '@litertjs/core/wasm/litert_wasm_compat_internal.js?url';
import binary from '@litertjs/core/wasm/litert_wasm_compat_internal.wasm?url';
import type { Bundle } from './bundle';
import { addressOf } from './files';

export type Outputs = Record<string, { shape: number[]; values: Float32Array }>;

/** A loaded model. One call at a time. */
export class Runtime {
  private constructor(
    private readonly model: CompiledModel,
    private readonly shape: number[],
  ) {}

  /** Opens a model; the loader finds its binary through a global, since it can't know a worker's address. */
  static async load(bundle: Bundle, model: Uint8Array): Promise<Runtime> {
    const { size, channels } = bundle.input;
    Object.assign(self, { Module: { locateFile: () => addressOf(binary) } });
    await loadLiteRt(addressOf(loader));
    const compiled = await loadAndCompile(model, { accelerator: 'wasm' });
    return new Runtime(compiled, [1, size, size, channels]);
  }

  /** Runs the model once on uint8 (size, size, channels). */
  async run(pixels: Uint8Array<ArrayBuffer>): Promise<Outputs> {
    const [signature] = Object.values(this.model.signatures);
    const runner = signature ?? this.model;
    const [input] = runner.getInputDetails();
    const tensor = new Tensor(input!.dtype === 'float32' ? Float32Array.from(pixels) : pixels, this.shape);
    try {
      const results = await runner.run({ [input!.name]: tensor });
      return Object.fromEntries(Object.entries(results).map(([name, result]) => [name, take(result)]));
    } finally {
      tensor.delete();
    }
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
