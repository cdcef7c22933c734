import { oneCamera } from '#dist/config/cameras.js';
import { nodeTopicsOf } from '#dist/ros2/topicNames.js';

/** The topics of a node with one camera. */
export const nodeTopics = nodeTopicsOf([oneCamera]);
