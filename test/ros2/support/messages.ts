/** Messages as peers/robot.py prints them; byte arrays are base64. */

export interface Stamp {
  readonly sec: number;
  readonly nanosec: number;
}

export interface Header {
  readonly stamp: Stamp;
  readonly frame_id: string;
}

/** vision_msgs/Detection2DArray */
export interface Detection2DArray {
  readonly header: Header;
  readonly detections: readonly Detection2D[];
}

export interface Detection2D {
  readonly header: Header;
  readonly results: readonly {
    readonly hypothesis: { readonly class_id: string; readonly score: number };
    readonly pose: {
      readonly pose: {
        readonly position: { readonly x: number; readonly y: number; readonly z: number };
        readonly orientation: {
          readonly x: number;
          readonly y: number;
          readonly z: number;
          readonly w: number;
        };
      };
      readonly covariance: readonly number[];
    };
  }[];
  readonly bbox: {
    readonly center: {
      readonly position: { readonly x: number; readonly y: number };
      readonly theta: number;
    };
    readonly size_x: number;
    readonly size_y: number;
  };
  readonly id: string;
}

/** rdk_yolo_seg_msgs/InstanceMaskArray */
export interface InstanceMaskArray {
  readonly header: Header;
  readonly image_width: number;
  readonly image_height: number;
  readonly masks: readonly InstanceMask[];
}

export interface InstanceMask {
  readonly id: string;
  readonly class_id: string;
  readonly score: number;
  readonly x_offset: number;
  readonly y_offset: number;
  readonly width: number;
  readonly height: number;
  readonly encoding: number;
  readonly data: string;
  readonly run_lengths: readonly number[];
  readonly contours: readonly { readonly points: readonly { x: number; y: number; z: number }[] }[];
}

/** sensor_msgs/Image */
export interface Image {
  readonly header: Header;
  readonly height: number;
  readonly width: number;
  readonly encoding: string;
  readonly is_bigendian: number;
  readonly step: number;
  readonly data: string;
}

/** sensor_msgs/CompressedImage */
export interface CompressedImage {
  readonly header: Header;
  readonly format: string;
  readonly data: string;
}

/** vision_msgs/LabelInfo */
export interface LabelInfo {
  readonly header: Header;
  readonly class_map: readonly { readonly class_id: number; readonly class_name: string }[];
  readonly threshold: number;
}

/** ai_msgs/PerceptionTargets */
export interface PerceptionTargets {
  readonly header: Header;
  readonly fps: number;
  readonly perfs: readonly {
    readonly type: string;
    readonly stamp_start: Stamp;
    readonly stamp_end: Stamp;
    readonly time_ms_duration: number;
  }[];
  readonly targets: readonly {
    readonly type: string;
    readonly track_id: number;
    readonly rois: readonly {
      readonly type: string;
      readonly rect: {
        readonly x_offset: number;
        readonly y_offset: number;
        readonly height: number;
        readonly width: number;
        readonly do_rectify: boolean;
      };
      readonly confidence: number;
    }[];
    readonly attributes: readonly { readonly type: string; readonly value: number }[];
    readonly points: readonly unknown[];
    readonly captures: readonly {
      readonly header: Header;
      readonly img: Image;
      readonly features: readonly number[];
    }[];
  }[];
  readonly disappeared_targets: readonly unknown[];
}

/** diagnostic_msgs/DiagnosticArray */
export interface DiagnosticArray {
  readonly header: Header;
  readonly status: readonly {
    readonly level: number;
    readonly name: string;
    readonly message: string;
    readonly hardware_id: string;
    readonly values: readonly { readonly key: string; readonly value: string }[];
  }[];
}
