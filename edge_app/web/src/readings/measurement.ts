/** How fast this device reads: a drawn slice again and again, by the same worker as every other. */

import { defaultFile, type Bundle } from '../model/bundle';
import type { Milliseconds } from '../model/classifier';
import { dependencies } from '../../package.json';
import { load } from '../shared/files';
import { phantom } from './phantom';
import { timeHere, warmUp } from './phone';

export const READINGS = 100;
const WARM_UP = 5; // readings that don't count: a runtime's first ones are slower
const SCHEMA = 5; // of the benchmarks' records

/** Milliseconds of one reading; `whole` from the bytes of the picture to its answer. */
export interface Times extends Milliseconds {
  whole: number;
}

/** A hundred readings, or as many as there were until it was cancelled. */
export class Measurement {
  readonly times: Times[] = [];
  ended = false;
  /** Whether the model doesn't run here. */
  failed = false;
  private readonly stop = new AbortController();

  get done(): boolean {
    return this.times.length === READINGS;
  }

  cancel(): void {
    this.stop.abort();
  }

  /**
   * @param progress Called after each reading.
   */
  async run(progress: () => void): Promise<void> {
    const { signal } = this.stop;
    try {
      const drawn = await phantom();
      await warmUp();
      for (let turn = -WARM_UP; turn < READINGS && !signal.aborted; turn++) {
        const times = await timeHere(drawn, signal);
        if (turn >= 0) {
          this.times.push(times);
        }
        progress();
      }
    } catch (error) {
      this.failed = !signal.aborted;
      if (this.failed) {
        console.error(error);
      }
    }
    this.ended = true;
  }
}

export interface Percentiles {
  p50: number;
  p90: number;
  p99: number;
}

/** As numpy's: between two values, by the distance to both. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = ((sorted.length - 1) * percent) / 100;
  const [below, above] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
  return below + (above - below) * (place - Math.floor(place));
}

export function percentiles(values: readonly number[]): Percentiles {
  return { p50: percentile(values, 50), p90: percentile(values, 90), p99: percentile(values, 99) };
}

/** What a browser says of the device, where it says anything. */
interface Hints {
  getHighEntropyValues?: (hints: string[]) => Promise<Partial<Record<string, unknown>>>;
}

/** The name of the device, as far as the browser tells. */
async function device(): Promise<string> {
  const hints = (navigator as { userAgentData?: Hints }).userAgentData;
  const told = await hints?.getHighEntropyValues?.(['model', 'architecture', 'platform']).catch(() => ({}));
  const { model, architecture, platform } = (told ?? {}) as Partial<Record<string, unknown>>;
  return [model, architecture, platform].filter((word) => typeof word === 'string' && word).join(', ');
}

/** The record that `python -m benchmarks report` reads as `latency.json`. */
export async function recordOf(times: readonly Times[], bundle: Bundle): Promise<object> {
  const file = defaultFile(bundle);
  const model = await (await load(`/model/${file.sha256}`)).blob();
  const packed = model.stream().pipeThrough(new CompressionStream('gzip'));
  const net = `${bundle.name}@${bundle.input.size}`;
  const unknown = { celsius: null, megahertz: null, throttled: null };
  const infer = times.map((each) => each.infer);
  return {
    schema: SCHEMA,
    provenance: {
      date: new Date().toISOString().replace(/\.\d+Z$/, '+00:00'),
      command: "Measure this device, on Otak's page",
      machine: {
        cpu: (await device()) || 'a device whose browser does not tell',
        cores: navigator.hardwareConcurrency,
        system: navigator.userAgent,
        python: 'none',
        packages: { '@litertjs/core': dependencies['@litertjs/core'] },
      },
      files: [
        {
          name: `${net} ${file.path}`,
          net,
          version: bundle.version,
          sha256: file.sha256,
          format: file.format,
          precision: file.precision,
          bytes: file.bytes,
          gzipped: (await new Response(packed).arrayBuffer()).byteLength,
          // A net with random weights has no thresholds.
          trained: bundle.thresholds !== null,
        },
      ],
    },
    latency: {
      queries: times.length,
      pictures: 'drawn by the page, 512 x 512 JPEG',
      before: unknown,
      after: unknown,
      throttled: null,
      speeds: [
        {
          file: `${net} ${file.path}`,
          runtime: 'LiteRT.js',
          threads: 1,
          problem: null,
          model: percentiles(infer),
          whole: percentiles(times.map((each) => each.whole)),
          decode: percentiles(times.map((each) => each.decode)),
          ratio: null,
          curve: Array.from({ length: 101 }, (_, percent) => percentile(infer, percent)),
        },
      ],
      starts: [],
    },
  };
}
