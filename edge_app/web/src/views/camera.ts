/** The live camera, with a frame to aim with. */

import type { Slice } from '../readings/slice';
import { h } from '../shared/dom';

const NAME = 'photo.png'; // as which the clinic's device gets the pixels

/** Tells whether this browser gives a page the camera. */
export function hasCamera(): boolean {
  // Without https there is none, whatever the types say.
  return window.isSecureContext && 'mediaDevices' in navigator;
}

/**
 * The live camera with a frame.
 *
 * @param taken Called with the photograph's pixels.
 * @param failed Called where there is no camera, or none is allowed.
 * @param cancelled Called when the user turns back.
 * @returns The view; the event `leave` tells it that it is shown no more, and the camera stops.
 */
export function cameraView(
  taken: (photo: Slice) => void,
  failed: () => void,
  cancelled: () => void,
): HTMLElement {
  const video = h('video', {
    autoplay: true,
    playsinline: true,
    'aria-label': '',
    'data-say': 'app.camera.frame',
  });
  video.muted = true;
  const stop = (): void => {
    (video.srcObject as MediaStream | null)?.getTracks().forEach((track) => {
      track.stop();
    });
  };
  const shoot = (): void => {
    const { videoWidth: width, videoHeight: height } = video;
    const context = new OffscreenCanvas(width, height).getContext('2d', { alpha: false })!;
    context.drawImage(video, 0, 0);
    taken({ name: NAME, source: context.getImageData(0, 0, width, height) });
  };
  const release = h('button', {
    type: 'button',
    id: 'shoot',
    disabled: true,
    'data-say': 'app.camera.shoot',
    click: shoot,
  });
  navigator.mediaDevices
    .getUserMedia({ video: { facingMode: 'environment', width: { ideal: 1920 }, height: { ideal: 1080 } } })
    .then(
      (stream) => {
        video.srcObject = stream;
        video.addEventListener('playing', () => {
          release.disabled = false;
        });
        // The view was left while the browser asked.
        if (!video.isConnected) {
          stop();
        }
      },
      () => {
        failed();
      },
    );
  return h(
    'section',
    { class: 'card photograph', leave: stop },
    h('h1', { id: 'headline', tabindex: -1, 'data-say': 'app.camera.frame' }),
    h('div', { class: 'finder' }, video, h('div', { class: 'frame', 'aria-hidden': 'true' })),
    h(
      'div',
      { class: 'actions' },
      release,
      h('button', { type: 'button', class: 'plain', 'data-say': 'app.camera.cancel', click: cancelled }),
    ),
  );
}
