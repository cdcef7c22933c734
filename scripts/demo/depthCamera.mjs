// A depth camera beside the demo's, and the judge of the places that the node finds in its pictures. Objects of the scenes
// stand where the exact masks see them, the lower the nearer, and lean; behind them is a wall. Run with the ground truth and
// the log of the camera, which tells the picture of each stamp; ends with SIGINT and writes its report:
//
//   node scripts/demo/depthCamera.mjs GROUND_TRUTH.json CAMERA.jsonl REPORT.json
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { parseGroundTruth } from '../../dist/evaluate/groundTruth.js';
import { percentile } from '../../dist/core/percentile.js';
import { paintLabels } from '../../dist/core/labelMap.js';
import { CdrWriter } from '../../dist/messages/cdrWriter.js';
import { fromRosTime } from '../../dist/messages/header.js';
import { writeImage } from '../../dist/messages/image.js';
import { readDetections, readDetections3d } from '../../dist/messages/read.js';
import { applySharedMemoryEnv } from '../../dist/ros2/sharedMemoryEnv.js';
import { stopSignal } from '../../dist/ros2/stopSignal.js';

const size = { widthPx: 640, heightPx: 360 };
const frameId = 'demo_optical';
const camera = { fx: 520, fy: 520, cx: 319.5, cy: 179.5 };
const wallMm = 6000;
const qos = /** @type {const} */ ({
  depth: 10,
  reliability: 'reliable',
  durability: 'volatile',
  history: 'keep_last',
});
/** The picture is in the log within a moment of its frame. */
const LOG_LIMIT_MS = 1000;
const INFO_PERIOD_MS = 50;

/**
 * @typedef {{ className: string, box: readonly number[], distanceM: number, positionM: readonly [number, number, number] }} Place
 * @typedef {{ values: Uint16Array, places: Place[] }} Scene exact depth of a picture, and where its objects are
 * @typedef {import('../../dist/evaluate/groundTruth.js').TruthPicture} TruthPicture
 */

/**
 * @param {TruthPicture} picture
 * @param {readonly string[]} classNames
 * @returns {Scene}
 */
function sceneOf({ objects, widthPx, heightPx }, classNames) {
  const labels = new Uint16Array(size.widthPx * size.heightPx);
  paintLabels(objects, 'instance', { widthPx, heightPx }, size, labels);
  const values = new Uint16Array(labels.length).fill(wallMm);
  /** @type {[x: number, y: number, z: number][][]} */
  const points = Array.from({ length: objects.count }, () => []);
  labels.forEach((label, at) => {
    if (label === 0) return;
    const [column, row] = [at % size.widthPx, Math.floor(at / size.widthPx)];
    const bottom = objects.boxesImage[(label - 1) * 4 + 3] / heightPx;
    const mm = Math.round(4500 - 3000 * bottom + 0.4 * (column - 320) - 0.3 * row);
    values[at] = mm;
    const z = mm / 1000;
    points[label - 1].push([((column - camera.cx) / camera.fx) * z, ((row - camera.cy) / camera.fy) * z, z]);
  });
  const places = points.flatMap((own, index) => {
    if (own.length === 0) return [];
    const depths = own.map(([, , z]) => z).sort((a, b) => a - b);
    const mean = (/** @type {0 | 1 | 2} */ axis) =>
      own.reduce((sum, point) => sum + point[axis], 0) / own.length;
    const box = [...objects.boxesImage.subarray(index * 4, index * 4 + 4)];
    return [
      {
        className: classNames[objects.classIds[index]],
        box,
        distanceM: depths[depths.length >> 1],
        positionM: /** @type {const} */ ([mean(0), mean(1), mean(2)]),
      },
    ];
  });
  return { values, places };
}

/**
 * @param {readonly number[]} a
 * @param {readonly number[]} b
 */
function boxIou(a, b) {
  const shared =
    Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0])) *
    Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
  const area = (/** @type {readonly number[]} */ box) => (box[2] - box[0]) * (box[3] - box[1]);
  return shared / (area(a) + area(b) - shared);
}

/** What the node says of each stamp, against what is true. */
class Judge {
  /** @type {Map<bigint, Map<string, { className: string, box: number[] }>>} detections by id */
  #detections = new Map();
  /** @type {Map<bigint, Map<string, [number, number, number]>>} positions by id */
  #places = new Map();

  /** @param {Buffer} cdr @returns the stamp */
  addDetections(cdr) {
    const { header, detections } = readDetections(cdr);
    const stampNs = fromRosTime(header.stamp);
    const found = detections.map(({ id, results, bbox }) => {
      const { x, y } = bbox.center.position;
      const [halfX, halfY] = [bbox.size_x / 2, bbox.size_y / 2];
      const box = [x - halfX, y - halfY, x + halfX, y + halfY];
      return /** @type {const} */ ([id, { className: results[0].hypothesis.class_id, box }]);
    });
    this.#detections.set(stampNs, new Map(found));
    return stampNs;
  }

  /** @param {Buffer} cdr */
  addPlaces(cdr) {
    const { header, detections } = readDetections3d(cdr);
    const found = detections.map(({ id, results }) => {
      const { x, y, z } = results[0].pose.pose.position;
      return /** @type {[string, [number, number, number]]} */ ([id, [x, y, z]]);
    });
    this.#places.set(fromRosTime(header.stamp), new Map(found));
  }

  /** @param {(stampNs: bigint) => Scene | null} sceneAt */
  report(sceneAt) {
    let [frames, framesWithout, objects, without] = [0, 0, 0, 0];
    const errorsM = { distance: /** @type {number[]} */ ([]), position: /** @type {number[]} */ ([]) };
    for (const [stampNs, detections] of this.#detections) {
      const scene = sceneAt(stampNs);
      if (scene === null) continue;
      frames++;
      const places = this.#places.get(stampNs);
      if (places === undefined) {
        framesWithout++;
        continue;
      }
      for (const [id, { className, box }] of detections) {
        const [best] = scene.places
          .filter((place) => place.className === className)
          .map((place) => ({ place, iou: boxIou(place.box, box) }))
          .sort((a, b) => b.iou - a.iou);
        if (best === undefined || best.iou < 0.7) continue;
        objects++;
        const position = places.get(id);
        if (position === undefined) {
          without++;
          continue;
        }
        errorsM.distance.push(Math.abs(position[2] - best.place.positionM[2]));
        errorsM.position.push(
          Math.hypot(...position.map((metres, axis) => metres - best.place.positionM[axis])),
        );
      }
    }
    const figures = (/** @type {number[]} */ errors) => ({
      p50: percentile(errors, 0.5),
      p95: percentile(errors, 0.95),
      max: percentile(errors, 1),
    });
    return {
      frames,
      framesWithout,
      objects,
      without,
      distanceErrorM: figures(errorsM.distance),
      positionErrorM: figures(errorsM.position),
    };
  }
}

/** The picture of each stamp, from the log that the camera writes. @param {string} path */
function picturesOf(path) {
  /** @type {Map<bigint, string>} */
  const known = new Map();
  let readTo = 0;
  return (/** @type {bigint} */ stampNs) => {
    if (!known.has(stampNs)) {
      const text = readFileSync(path, 'utf8');
      const end = text.lastIndexOf('\n') + 1;
      for (const line of text.slice(readTo, end).split('\n')) {
        if (line === '') continue;
        const { stamp_ns: stamp, picture } = JSON.parse(line);
        known.set(BigInt(stamp), picture);
      }
      readTo = end;
    }
    return known.get(stampNs) ?? null;
  };
}

async function main() {
  const [truthPath, logPath, reportPath] = process.argv.slice(2);
  if (!truthPath || !logPath || !reportPath)
    throw new Error('expected GROUND_TRUTH.json, CAMERA.jsonl and REPORT.json');
  const stopped = stopSignal();
  applySharedMemoryEnv();
  // Imported late: loading rclnodejs reads the environment set above.
  const { createNode, initRcl, shutdownRcl } = await import('../../dist/ros2/rcl/rcl.js');
  const { classNames, pictures } = parseGroundTruth(readFileSync(truthPath, 'utf8'), truthPath);
  const scenes = new Map([...pictures].map(([name, picture]) => [name, sceneOf(picture, classNames)]));
  const pictureAt = picturesOf(logPath);
  const sceneAt = (/** @type {bigint} */ stampNs) => scenes.get(pictureAt(stampNs) ?? '') ?? null;
  await initRcl([]);
  const ros = createNode('demo_depth_camera');
  const depth = ros.createPublisher('sensor_msgs/msg/Image', '/demo/depth', qos);
  const infos = ros.createPublisher('sensor_msgs/msg/CameraInfo', '/demo/depth/camera_info', qos);
  const writer = new CdrWriter();
  const judge = new Judge();

  // As a camera that has been on for long: what describes it is there before the first picture.
  const timer = setInterval(() => {
    infos.publish({
      header: { stamp: ros.clock.stamp(), frame_id: frameId },
      width: size.widthPx,
      height: size.heightPx,
      k: Float64Array.of(camera.fx, 0, camera.cx, 0, camera.fy, camera.cy, 0, 0, 1),
    });
  }, INFO_PERIOD_MS);

  /** @param {bigint} stampNs */
  const send = async (stampNs) => {
    const limitMs = performance.now() + LOG_LIMIT_MS;
    while (sceneAt(stampNs) === null && performance.now() < limitMs) await delay(5);
    const scene = sceneAt(stampNs);
    if (scene === null) return;
    const header = { stampNs, frameId, sequence: 0, ...size };
    const rows = {
      ...size,
      encoding: 'mono16',
      stepBytes: size.widthPx * 2,
      bytes: new Uint8Array(scene.values.buffer),
    };
    depth.publishRaw(writeImage(writer, header, rows));
  };
  ros.createRawSubscription('vision_msgs/msg/Detection2DArray', '/yolo_seg/detections', qos, (cdr) => {
    void send(judge.addDetections(cdr));
  });
  ros.createRawSubscription('vision_msgs/msg/Detection3DArray', '/yolo_seg/detections3d', qos, (cdr) =>
    judge.addPlaces(cdr),
  );
  ros.spin();
  console.log('depth of 640x360 on /demo/depth, later than each result');
  await stopped;
  clearInterval(timer);
  writeFileSync(reportPath, JSON.stringify(judge.report(sceneAt), null, 2));
  ros.destroy();
  shutdownRcl();
  process.exit(0);
}

await main();
