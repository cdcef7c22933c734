/** A topic of the segmentation node, named as in its code: before expansion and remapping. */
export interface TopicName {
  readonly name: string;
  readonly entity: 'publisher' | 'subscription';
}

/** Every topic of its own that the segmentation node may publish or subscribe to, for checks of what users name. */
export const nodeTopics: readonly TopicName[] = [
  { name: 'hbmem_img', entity: 'subscription' },
  ...[
    '~/detections',
    '~/masks',
    '~/label_map',
    '~/label_info',
    '~/overlay',
    '~/overlay/compressed',
    'hobot_dnn_detection',
    '/diagnostics',
  ].map((name): TopicName => ({ name, entity: 'publisher' })),
];
