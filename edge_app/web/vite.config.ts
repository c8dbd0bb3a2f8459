import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { Resvg } from '@resvg/resvg-js';
import { defineConfig, type Plugin } from 'vite';

const OUT = join(import.meta.dirname, '..', 'page');
const OFFLINE = 'offline.js';
const LICENCES = 'THIRD_PARTY.txt';

/** Draws the icons for home screens; where a system cuts its own shape, the ground fills the square. */
function drawIcons(): Plugin {
  const svg = readFileSync(join(import.meta.dirname, '..', 'static', 'otak.svg'), 'utf-8');
  const filled = svg.replace(/ rx="8"/, '');
  const icons = {
    'icon-192.png': [svg, 192],
    'icon-512.png': [svg, 512],
    'icon-filled.png': [filled, 512],
  } as const;
  return {
    name: 'draw-icons',
    generateBundle() {
      for (const [fileName, [drawing, side]] of Object.entries(icons)) {
        const image = new Resvg(drawing, { fitTo: { mode: 'width', value: side } }).render();
        this.emitFile({ type: 'asset', fileName, source: image.asPng() });
      }
    },
  };
}

/** Tells the service worker which files there are, and makes their names its version. */
function listFiles(): Plugin {
  return {
    name: 'list-files',
    generateBundle(_, bundle) {
      const names = Object.keys(bundle).filter((name) => name !== OFFLINE && name !== 'index.html');
      const files = ['/', '/static/otak.svg', '/manifest.webmanifest', ...names.map((name) => `/${name}`)];
      const contents = Object.values(bundle).map((file) => (file.type === 'chunk' ? file.code : file.source));
      const version = contents
        .reduce((hash, content) => hash.update(content), createHash('sha256'))
        .digest('hex');
      const worker = bundle[OFFLINE];
      if (worker?.type !== 'chunk') {
        throw new Error(`${OFFLINE} was not built`);
      }
      worker.code = worker.code
        .replace('PAGE_FILES', JSON.stringify(files))
        .replace('PAGE_VERSION', JSON.stringify(version.slice(0, 12)));
    },
  };
}

/** Writes the licences of what is bundled; the packages name theirs, but bring neither text nor parts. */
function nameLicences(): Plugin {
  const packages = ['@litertjs/core', '@litertjs/wasm-utils'];
  return {
    name: 'name-licences',
    writeBundle() {
      const read = (...path: string[]): string => readFileSync(join(import.meta.dirname, ...path), 'utf-8');
      const lines = packages.map((name) => {
        const { version, license, repository } = JSON.parse(read('node_modules', name, 'package.json'));
        if (license !== 'Apache-2.0') {
          throw new Error(`${name}: the licence is now ${license}`);
        }
        return `${name} ${version}, ${license}, Copyright Google LLC, ${repository.url}`;
      });
      const parts = [
        `The page contains:\n\n${lines.join('\n')}\n`,
        read('NOTICES.txt'),
        `Apache-2.0:\n\n${read('..', '..', 'LICENSE')}`,
      ];
      writeFileSync(join(OUT, LICENCES), parts.join('\n\n'));
    },
  };
}

/** Leaves only compressed files, for the server to send as they are. */
function compress(): Plugin {
  return {
    name: 'compress',
    // Vitest, too, ends with closeBundle.
    apply: 'build',
    closeBundle() {
      for (const file of readdirSync(OUT, { recursive: true, withFileTypes: true })) {
        const path = join(file.parentPath, file.name);
        if (file.isFile() && ![OFFLINE, LICENCES].includes(file.name)) {
          const data = readFileSync(path);
          const size = {
            [constants.BROTLI_PARAM_SIZE_HINT]: data.length,
            [constants.BROTLI_PARAM_LGWIN]: 24,
          };
          writeFileSync(`${path}.br`, brotliCompressSync(data, { params: size }));
          writeFileSync(`${path}.gz`, gzipSync(data, { level: 9 }));
          rmSync(path);
        }
      }
    },
  };
}

/** What the runtime's binary unpacks to, which no header says of one that is sent packed. */
const WASM_BYTES = statSync(
  join(import.meta.dirname, 'node_modules/@litertjs/core/wasm/litert_wasm_compat_internal.wasm'),
).size;

export default defineConfig({
  define: { WASM_BYTES },
  build: {
    outDir: OUT,
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: false,
    rollupOptions: {
      input: { index: 'index.html', offline: 'src/app/offline.ts' },
      output: { entryFileNames: ({ name }) => (name === 'offline' ? OFFLINE : 'assets/[name]-[hash].js') },
    },
  },
  plugins: [drawIcons(), listFiles(), nameLicences(), compress()],
  test: { include: ['tests/**/*.test.ts'] },
});
