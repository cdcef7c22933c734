/** A publisher of the input topic as the graph shows it. */
export interface SeenPublisher {
  readonly nodeName: string;
  /** `package/msg/Type` */
  readonly typeName: string;
}

/** What is known when frames stay away. */
export interface SilenceFacts {
  readonly topic: string;
  /** Types we can subscribe to; one entry where the parameter fixes it. */
  readonly acceptedTypes: readonly string[];
  readonly publishers: readonly SeenPublisher[];
  /** True where frames have come since activation. */
  readonly hadFrames: boolean;
  /** Name of the QoS policy the middleware reported as incompatible, or null. */
  readonly incompatibleQosPolicy: string | null;
  /** Frames taken but refused since the last good one, and why the last was. */
  readonly rejectedCount: number;
  readonly lastRejection: string | null;
  /** True where this process runs with the shared-memory profile and loans enabled. */
  readonly sharedMemoryEnabled: boolean;
}

/** Why no frame comes, in the order in which a user would check; each has its remedy in `message`. */
export interface SilenceDiagnosis {
  readonly cause: 'rejected' | 'no_publisher' | 'type_mismatch' | 'qos' | 'no_data';
  readonly message: string;
}

/** Explains silence on the input topic with its cause and remedy. */
export function diagnoseSilence(facts: SilenceFacts): SilenceDiagnosis {
  const { topic, acceptedTypes, publishers } = facts;
  if (facts.rejectedCount > 0) {
    return {
      cause: 'rejected',
      message: `${facts.rejectedCount} frames on ${topic} were refused; the last because ${facts.lastRejection}`,
    };
  }
  if (publishers.length === 0 && facts.hadFrames) {
    return {
      cause: 'no_publisher',
      message: `the camera on ${topic} has gone; frames go on when it comes back`,
    };
  }
  if (publishers.length === 0) {
    return {
      cause: 'no_publisher',
      message: `no publisher on ${topic}; start a camera (mipi_cam or hobot_usb_cam with io_method shared_mem, or rdk-yolo-seg camera) or remap hbmem_img to the camera's topic`,
    };
  }
  const matching = publishers.filter((publisher) => acceptedTypes.includes(publisher.typeName));
  if (matching.length === 0) {
    const found = publishers.map((publisher) => `${publisher.typeName} by ${publisher.nodeName}`).join(', ');
    return {
      cause: 'type_mismatch',
      message: `${topic} carries ${found}; expected ${acceptedTypes.join(' or ')}; use a shared-memory camera output or set input.hbmem_type`,
    };
  }
  if (facts.incompatibleQosPolicy !== null) {
    return {
      cause: 'qos',
      message: `the publisher on ${topic} offers an incompatible QoS (policy ${facts.incompatibleQosPolicy}); set qos_overrides.${topic}.subscription.* to what it offers, e.g. reliability best_effort`,
    };
  }
  const names = matching.map((publisher) => publisher.nodeName).join(', ');
  const profile = facts.sharedMemoryEnabled
    ? 'start the camera on this machine with the same shared-memory variables (FASTRTPS_DEFAULT_PROFILES_FILE, RMW_FASTRTPS_USE_QOS_FROM_XML=1, ROS_DISABLE_LOANED_MESSAGES=0) and check that /dev/shm has room'
    : 'this process runs without the shared-memory profile, so 6 MB frames are lost: unset RMW_FASTRTPS_USE_QOS_FROM_XML and FASTRTPS_DEFAULT_PROFILES_FILE to get the built-in one';
  return { cause: 'no_data', message: `${names} publishes ${topic} but no frame arrives; ${profile}` };
}
