/** The live camera over the whole screen, with a frame to aim with. */

import type { Slice } from '../readings/slice';
import { h } from '../shared/dom';

const NAME = 'photo.png'; // as which the clinic's device gets the pixels
const WANTED = { facingMode: 'environment', width: { ideal: 1920 }, height: { ideal: 1080 } };

/** Why there is no picture; each has a sentence. */
export type CameraFault = 'denied' | 'none' | 'busy' | 'failed';

/** What happens in the finder. */
export interface CameraActions {
  /** With the photograph's pixels. */
  taken: (photo: Slice) => void;
  failed: (fault: CameraFault) => void;
  cancelled: () => void;
}

const FAULTS: Record<string, CameraFault> = {
  NotAllowedError: 'denied',
  SecurityError: 'denied',
  NotFoundError: 'none',
  OverconstrainedError: 'none',
  NotReadableError: 'busy',
  AbortError: 'busy',
};

let closed = false;

/** Tells whether this browser gives a page the camera, as far as is known. */
export function hasCamera(): boolean {
  // Without https there is none, whatever the types say.
  return window.isSecureContext && 'mediaDevices' in navigator && !closed;
}

/**
 * The finder.
 *
 * @returns The view; the event `leave` tells it that it is shown no more, and the camera stops.
 */
export function cameraView({ taken, failed, cancelled }: CameraActions): HTMLElement {
  const video = h('video', {
    autoplay: true,
    playsinline: true,
    'aria-label': '',
    'data-say': 'app.camera.frame',
  });
  video.muted = true;
  const shoot = h('button', {
    type: 'button',
    id: 'shoot',
    class: 'shoot',
    disabled: true,
    'aria-label': '',
    'data-say': 'app.camera.shoot',
    click: () => {
      taken({ name: NAME, source: pixelsOf(video) });
    },
  });
  const torch = h('button', {
    type: 'button',
    id: 'torch',
    hidden: true,
    'aria-pressed': 'false',
    'data-say': 'app.camera.torch',
    click: () => void light(trackOf(video), torch),
  });
  const fail = (fault: CameraFault): void => {
    // It may be free at the next attempt; a camera that isn't there or isn't allowed stays so.
    closed ||= fault === 'denied' || fault === 'none';
    failed(fault);
  };
  const stop = (): void => {
    trackOf(video)?.stop();
  };
  navigator.mediaDevices.getUserMedia({ video: WANTED }).then(
    (stream) => {
      video.srcObject = stream;
      const track = stream.getVideoTracks()[0]!;
      video.addEventListener('playing', () => {
        shoot.disabled = false;
        torch.hidden = !hasTorch(track);
      });
      track.addEventListener('ended', () => {
        fail('busy');
      });
      // The view was left while the browser asked.
      if (!video.isConnected) {
        stop();
      }
    },
    (error: unknown) => {
      fail((error instanceof Error ? FAULTS[error.name] : undefined) ?? 'failed');
    },
  );
  return h(
    'section',
    {
      class: 'finder',
      leave: stop,
      keydown: (event) => {
        if ((event as KeyboardEvent).key === 'Escape') {
          cancelled();
        }
      },
    },
    h('h1', { id: 'headline', tabindex: -1, 'data-say': 'app.camera.frame' }),
    h('div', { class: 'seen' }, video, h('div', { class: 'frame', 'aria-hidden': 'true' })),
    h(
      'div',
      { class: 'controls' },
      h('button', { type: 'button', 'data-say': 'app.camera.cancel', click: cancelled }),
      shoot,
      torch,
    ),
  );
}

function pixelsOf(video: HTMLVideoElement): ImageData {
  const { videoWidth: width, videoHeight: height } = video;
  const context = new OffscreenCanvas(width, height).getContext('2d', { alpha: false })!;
  context.drawImage(video, 0, 0);
  return context.getImageData(0, 0, width, height);
}

function trackOf(video: HTMLVideoElement): MediaStreamTrack | undefined {
  return (video.srcObject as MediaStream | null)?.getVideoTracks()[0];
}

/** TypeScript's types don't know of lamps. */
function hasTorch(track: MediaStreamTrack): boolean {
  return 'getCapabilities' in track && (track.getCapabilities() as { torch?: boolean }).torch === true;
}

/** Switches the lamp; one that can't be switched is offered no longer. */
async function light(track: MediaStreamTrack | undefined, button: HTMLButtonElement): Promise<void> {
  const torch = button.getAttribute('aria-pressed') !== 'true';
  try {
    await track?.applyConstraints({ advanced: [{ torch } as MediaTrackConstraintSet] });
    button.setAttribute('aria-pressed', String(torch));
  } catch {
    button.hidden = true;
  }
}
