/** What to start instead where a camera of TROS sends something else than NV12 in an HbmMsg. */

/** The decoder of TROS between a camera of JPEG and this node; `mode` is how the camera sends. */
function throughCodec(mode: 'shared_mem' | 'ros'): string {
  return (
    'ros2 launch hobot_codec hobot_codec_decode.launch.py ' +
    `codec_in_mode:=${mode} codec_in_format:=jpeg codec_sub_topic:=/image ` +
    'codec_out_mode:=shared_mem codec_out_format:=nv12 codec_pub_topic:=/hbmem_img'
  );
}

const mipiCamera =
  'mipi_cam sends NV12 with the defaults of its launch file (mipi_io_method:=shared_mem mipi_out_format:=nv12) and ' +
  'with ros2 run only by -p io_method:=shared_mem -p out_format:=nv12';
const usbCamera = `hobot_usb_cam (pixel_format mjpeg) needs a decoder behind it: ${throughCodec('shared_mem')}, where /image is the topic of the camera`;

/** How to get a camera onto the topic where none is. */
export const startCameraAdvice =
  'start a camera (ros2 launch mipi_cam mipi_cam.launch.py; a USB camera through hobot_codec; or rdk-yolo-seg camera)';

/** What to do about frames of this encoding; null where nothing is known of it. */
export function adviceForEncoding(encoding: string): string | null {
  const name = encoding.toLowerCase();
  if (/^m?jpe?g$/.test(name)) {
    return (
      `put hobot_codec between: ${throughCodec('shared_mem')}, and let the camera publish on that ` +
      'codec_sub_topic, not on /hbmem_img'
    );
  }
  if (/^(yuyv|uyvy|yuv|rgb|bgr|mono)/.test(name)) return `${mipiCamera}; ${usbCamera}`;
  return null;
}

/** What to do about a camera whose topic carries this message type; null where nothing is known of it. */
export function adviceForType(typeName: string): string | null {
  if (typeName === 'sensor_msgs/msg/Image') return `${mipiCamera}; ${usbCamera}`;
  if (typeName === 'sensor_msgs/msg/CompressedImage')
    return `put hobot_codec between: ${throughCodec('ros')}, where /image is the topic of the camera`;
  return null;
}
