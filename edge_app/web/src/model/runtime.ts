/** LiteRT in WebAssembly behind one call: pixels in, named outputs out. */

import { loadAndCompile, loadLiteRt, Tensor, type SignatureRunner, type TensorDetails } from '@litertjs/core';
import loader from '@litertjs/core/wasm/litert_wasm_compat_internal.js?url';
import path from '@litertjs/core/wasm/litert_wasm_compat_internal.wasm?url';
import type { InputSpec } from './bundle';
import type { Download } from './downloads';
import { addressOf } from '../shared/files';

export type Outputs = Record<string, { shape: number[]; values: Float32Array }>;

// Filled in by the build.
declare const WASM_BYTES: number;

export const BINARY: Download = { path, bytes: WASM_BYTES };

/** A loaded model. One call at a time. */
export class Runtime {
  private constructor(
    private readonly model: SignatureRunner,
    private readonly shape: number[],
  ) {}

  /**
   * Opens a model.
   *
   * @param binary The runtime's own code.
   * @throws Error Where the model takes another input than it should.
   */
  static async load(
    { size, channels }: InputSpec,
    model: Uint8Array,
    binary: Uint8Array<ArrayBuffer>,
  ): Promise<Runtime> {
    await start(binary);
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

/** Loads LiteRT, which takes its binary through a global, and would wait for ever for one that fails. */
async function start(binary: Uint8Array<ArrayBuffer>): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const instantiateWasm = (
      imports: WebAssembly.Imports,
      done: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
    ): void => {
      WebAssembly.instantiate(binary, imports).then(({ instance, module }) => {
        done(instance, module);
      }, reject);
    };
    Object.assign(self, { Module: { instantiateWasm } });
    loadLiteRt(addressOf(loader)).then(() => {
      resolve();
    }, reject);
  });
}

function take(tensor: Tensor): { shape: number[]; values: Float32Array } {
  const taken = {
    shape: Array.from(tensor.type.layout.dimensions),
    values: Float32Array.from(tensor.toTypedArray()),
  };
  tensor.delete();
  return taken;
}
