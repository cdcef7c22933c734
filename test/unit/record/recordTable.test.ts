import { describe, expect, it } from 'vitest';
import { percentile } from '#dist/core/percentile.js';
import { NodeFigures } from '#dist/record/nodeFigures.js';
import { ObservedOutputs } from '#dist/record/observedOutputs.js';
import { formatTable, nodeRows } from '#dist/record/table.js';

const header = { stamp: { sec: 1_795_520_997, nanosec: 0 }, frame_id: 'camera' };

describe('a node that is not as asked', () => {
  /** Figures after one message with these statuses; each says its own name as the model. */
  function figuresOf(camera: string | null, ...names: string[]): NodeFigures {
    const figures = new NodeFigures('/robot/yolo_seg', camera);
    const status = names.map((name, at) => ({
      ...{ level: 0, name, message: '', hardware_id: '' },
      values: [
        { key: 'model', value: at === 0 ? name : '' },
        { key: 'frames_out', value: String(10 * (names.length - at)) },
      ],
    }));
    figures.update({ header, status });
    return figures;
  }
  const several = ['robot/yolo_seg: pipeline', 'robot/yolo_seg: front', 'robot/yolo_seg: back'];

  it('is refused with what was waited for, and with the nodes that are there', () => {
    expect(() => figuresOf(null).refuseOtherNode(true)).toThrow(
      'nothing has come from /robot/yolo_seg: no status "robot/yolo_seg: pipeline" came on /diagnostics while it was waited for, nor did any other node',
    );
    expect(() => figuresOf(null, 'quick: pipeline', 'a/b: pipeline', 'lidar').refuseOtherNode(true)).toThrow(
      'but /a/b, /quick did: --node names one',
    );
  });

  it('is refused where it has several cameras and none is chosen, unless its sums are wanted', () => {
    figuresOf(null, 'robot/yolo_seg: pipeline', 'robot/yolo_seg_2: front').refuseOtherNode(true);
    figuresOf(null, ...several).refuseOtherNode(false);
    expect(() => figuresOf(null, ...several).refuseOtherNode(true)).toThrow(
      '/robot/yolo_seg has 2 cameras, with outputs of their own: choose one by --camera, back or front',
    );
  });

  it('is refused where it has no such camera', () => {
    expect(() => figuresOf('left', ...several).refuseOtherNode(true)).toThrow(
      '/robot/yolo_seg has no camera left; it has the cameras back, front',
    );
    expect(() => figuresOf('left', 'robot/yolo_seg: pipeline').refuseOtherNode(true)).toThrow(
      'it has one camera without a name',
    );
  });

  it('is not, where the camera is there: its figures go before those of the node', () => {
    const figures = figuresOf('back', ...several);
    figures.refuseOtherNode(true);
    expect([figures.text('frames_out'), figures.text('model')]).toEqual(['10', 'robot/yolo_seg: pipeline']);
    expect(figures.progress.map(({ framesOut }) => framesOut)).toEqual([10]);
    expect(figuresOf(null, ...several).text('frames_out')).toBe('30');
  });

  it('is not, where outputs have come and the diagnostics are rarer than that', () => {
    const observed = new ObservedOutputs('/yolo_seg', []);
    expect(() => observed.refuseOtherNode(true)).toThrow('nothing has come from /yolo_seg');
    observed.stamps.detections.push(1n);
    observed.refuseOtherNode(true);
  });
});

describe('the table', () => {
  it('shows drops by reason, loans and stages under their names', () => {
    const figures = new NodeFigures('/yolo_seg');
    const values = {
      model: '/somewhere/shapes-seg.onnx',
      backend: 'onnx',
      frames_in: '40',
      'dropped.superseded': '25',
      'output.detections.handed_over': '15',
      'output.overlay.handed_over': '0',
      'output.masks.refused': '2',
      'input.loaned': '40',
      'input.copied': '0',
      'input.superseded_native': '3',
      'stage_ms.infer.p50': '61.20',
      'stage_ms.infer.p95': '70.00',
    };
    const list = Object.entries(values).map(([key, value]) => ({ key, value }));
    figures.update({
      header,
      status: [{ level: 0, name: 'yolo_seg: pipeline', message: '', hardware_id: '', values: list }],
    });
    const table = formatTable(nodeRows(figures));
    expect(table).toContain('shapes-seg.onnx on onnx');
    // Messages are written after the last status, too: without this line their numbers contradict each other.
    expect(table).toMatch(/^ +counted +up to its last status on \/diagnostics/m);
    expect(table).toMatch(/handed to the middleware +detections 15\n/);
    expect(table).toMatch(/refused by the middleware +masks 2\n/);
    expect(table).toMatch(/dropped +superseded 25/);
    expect(table).toMatch(/input +loaned 40, copied 0, superseded before JavaScript 3/);
    expect(table).toMatch(/stage infer, p50 \/ p95 +61\.2 \/ 70\.0 ms/);
    expect(table).toMatch(/frames out +-\n/);
  });

  it('takes percentiles by nearest rank', () => {
    expect(percentile([5, 1, 4, 2, 3], 0.5)).toBe(3);
    expect(percentile([5, 1, 4, 2, 3], 0.95)).toBe(5);
    expect(percentile([], 0.5)).toBeNull();
  });
});
