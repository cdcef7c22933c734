import { execFileSync } from 'node:child_process';
import sharp from 'sharp';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type OverlayImage, type OverlayJob, OverlayRenderer } from '#dist/render/overlay.js';
import { blocks, frameHeader, greyPicture } from './scene.js';

let renderer: OverlayRenderer | null = null;
const images: OverlayImage[] = [];
const errors: unknown[] = [];
const recycled: ArrayBuffer[] = [];

function start(script?: URL): OverlayRenderer {
  const callbacks = {
    onImage: (image: OverlayImage) => images.push(image),
    onError: (error: unknown) => errors.push(error),
  };
  renderer = script === undefined ? new OverlayRenderer(callbacks) : new OverlayRenderer(callbacks, script);
  return renderer;
}

function job(sequence: number, changes: Partial<OverlayJob> = {}): OverlayJob {
  return {
    header: frameHeader(320, 180, sequence),
    preview: { widthPx: 160, heightPx: 90, rgba: greyPicture(160, 90, 80).buffer },
    onRecycle: (rgba) => recycled.push(rgba),
    instances: blocks({ classId: 2, score: 0.8, x1: 40, y1: 40, x2: 200, y2: 150 }),
    tracks: null,
    classNames: ['ball', 'crate', 'cone'],
    distancesM: null,
    statusLine: ['in 30 out 15 Hz'],
    raw: true,
    jpegQuality: 80,
    ...changes,
  };
}

afterEach(async () => {
  await renderer?.close();
  renderer = null;
  for (const list of [images, errors, recycled]) list.length = 0;
});

describe('the overlay renderer', () => {
  it('yields RGB bytes and a JPEG file of the preview’s size, with the header of the frame', async () => {
    start().submit(job(7));
    await vi.waitFor(() => expect(images).toHaveLength(1), 10_000);
    const { header, rgb, jpeg, widthPx, heightPx } = images[0]!;
    expect(header.sequence).toBe(7);
    expect([widthPx, heightPx]).toEqual([160, 90]);
    expect(rgb).toHaveLength(160 * 90 * 3);
    const decoded = await sharp(jpeg!).raw().toBuffer({ resolveWithObject: true });
    expect([decoded.info.width, decoded.info.height, decoded.info.channels]).toEqual([160, 90, 3]);
    const meanError =
      decoded.data.reduce((sum, value, i) => sum + Math.abs(value - rgb![i]!), 0) / rgb!.length;
    expect(meanError).toBeLessThan(6);
  });

  it('makes only what is asked for', async () => {
    start().submit(job(0, { raw: false }));
    await vi.waitFor(() => expect(images).toHaveLength(1), 10_000);
    expect(images[0]!.rgb).toBeNull();
    renderer!.submit(job(1, { jpegQuality: null }));
    await vi.waitFor(() => expect(images).toHaveLength(2), 10_000);
    expect(images[1]!.jpeg).toBeNull();
  });

  it('draws the first and the latest of a burst and gives every preview back', async () => {
    start();
    for (let sequence = 0; sequence < 20; sequence++) renderer!.submit(job(sequence));
    await vi.waitFor(() => expect(recycled).toHaveLength(20), 10_000);
    expect(images.map((image) => image.header.sequence)).toEqual([0, 19]);
    expect(recycled.every((rgba) => rgba.byteLength === 160 * 90 * 4)).toBe(true);
  });

  it('reports a job that fails and draws the next one', async () => {
    start().submit(job(0, { preview: { widthPx: 160, heightPx: 90, rgba: new ArrayBuffer(12) } }));
    renderer!.submit(job(1));
    await vi.waitFor(() => expect(images).toHaveLength(1), 10_000);
    expect(images[0]!.header.sequence).toBe(1);
    expect(String(errors[0])).toMatch(/12 bytes.*57600/);
  });

  it('reports a receiver that throws and draws the next one', async () => {
    let drawn = 0;
    renderer = new OverlayRenderer({
      onImage: () => {
        drawn++;
        throw new Error('refused by the receiver');
      },
      onError: (error) => errors.push(error),
    });
    renderer.submit(job(0));
    renderer.submit(job(1));
    await vi.waitFor(() => expect(drawn).toBe(2), 10_000);
    expect(errors.map(String)).toEqual(Array(2).fill('Error: refused by the receiver'));
  });

  it('reports a worker that dies once', async () => {
    start(new URL('../../fixtures/workers/dies-at-run.mjs', import.meta.url)).submit(job(0));
    await vi.waitFor(() => expect(errors.length).toBeGreaterThan(0), 10_000);
    expect(String(errors[0])).toMatch(/overlay worker/);
    renderer!.submit(job(1));
    renderer!.submit(job(2));
    expect(errors).toHaveLength(1);
  });

  it('starts a new worker a second after the death of one, and draws again', async () => {
    start(new URL('./diesWhenTold.mjs', import.meta.url)).submit(job(0, { statusLine: ['die'] }));
    await vi.waitFor(() => expect(errors).toHaveLength(1), 10_000);
    await new Promise((done) => setTimeout(done, 1100));
    renderer!.submit(job(1));
    await vi.waitFor(() => expect(images.map((image) => image.header.sequence)).toEqual([1]), 10_000);
    expect(errors).toHaveLength(1);
  });

  it('reports a job that no worker can take, and draws the next one', async () => {
    start();
    const unfit = job(0, { statusLine: [Symbol('not text') as unknown as string] });
    expect(() => renderer!.submit(unfit)).not.toThrow();
    await vi.waitFor(() => expect(String(errors[0])).toMatch(/could not be cloned/), 10_000);
    renderer!.submit(job(1));
    await vi.waitFor(() => expect(images.map((image) => image.header.sequence)).toEqual([1]), 10_000);
  });

  it('reports a preview that was given away before, and draws the next one', async () => {
    start();
    const gone = job(0);
    structuredClone(gone.preview.rgba, { transfer: [gone.preview.rgba] });
    renderer!.submit(gone);
    renderer!.submit(job(1));
    await vi.waitFor(() => expect(images.map((image) => image.header.sequence)).toEqual([1]), 10_000);
    expect(errors).toHaveLength(1);
  });

  it('yields nothing after close, in every state', async () => {
    await start().close();
    renderer!.submit(job(0));
    expect(recycled).toHaveLength(1);
    start().submit(job(1));
    renderer!.submit(job(2));
    await renderer!.close();
    await renderer!.close();
    expect(images).toHaveLength(0);
  });

  it('does not keep a process alive', () => {
    const code = `
      const { noInstances } = await import('#dist/core/result.js');
      const { OverlayRenderer } = await import('#dist/render/overlay.js');
      const renderer = new OverlayRenderer({ onImage() {}, onError() {}, onRecycle() {} });
      const preview = { widthPx: 2, heightPx: 2, rgba: new ArrayBuffer(16) };
      const instances = noInstances();
      const header = { stampNs: 0n, frameId: '', sequence: 0, widthPx: 2, heightPx: 2 };
      renderer.submit({ header, preview, instances, classNames: [], statusLine: [], raw: true, jpegQuality: null });
      console.log('submitted');`;
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', code], {
      encoding: 'utf8',
      timeout: 15_000,
    });
    expect(output).toContain('submitted');
  });
});
