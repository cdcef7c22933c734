import { expect, it } from 'vitest';
import { ParameterStore } from '#dist/config/store.js';
import type { ModelInfo } from '#dist/core/ports.js';
import { McapResults } from '#dist/offline/mcapResults.js';
import type { InputSource } from '#dist/offline/offlineInput.js';

/** A recording of so many topics of pictures and so many messages. */
function recording(topics: number, messages: number | null): InputSource {
  return {
    path: 'many.db3',
    name: 'many',
    kind: 'recording',
    frameNames: ['many.mcap', ...Array.from({ length: topics }, (_, topic) => `many_t${topic}_#`)],
    isOneTopic: false,
    topics: [],
    frameCount: messages,
    remarks: [],
    frames: () => [],
  };
}

const open = (source: InputSource) => () =>
  new McapResults('out/mcap', {} as ModelInfo, new ParameterStore({}).values, [source]);

it('a recording whose results would have more topics than MCAP tells apart is refused before its first frame', () => {
  // Each topic of pictures is written itself, with the nine of a node: detections, masks, label_map, label_info, confidence_map,
  // annotations, overlay/compressed, hobot_dnn_detection and hobot_dnn_detection_info.
  expect(open(recording(6553, 10_000))).not.toThrow();
  for (const messages of [10_000, null])
    expect(open(recording(6554, messages))).toThrow(
      expect.objectContaining({
        code: 'mcap_topics',
        message:
          'out/mcap/many.mcap would have 65540 topics; a file of MCAP has at most 65536, and many.db3 has 6554 of pictures with 10 each: choose some with --topic',
      }),
    );
  // Most of them have no message, and so no place in the file.
  expect(open(recording(6554, 6553))).not.toThrow();
});
