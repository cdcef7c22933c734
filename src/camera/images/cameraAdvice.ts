/** What to start instead where a camera of TROS sends something else than NV12 in an HbmMsg. */

/** The decoder of TROS between a camera of JPEG, in a CompressedImage (ros) or an HbmMsg, and this node. */
const throughCodec = (mode: 'ros' | 'shared_mem') =>
  'ros2 launch hobot_codec hobot_codec_decode.launch.py ' +
  `codec_in_mode:=${mode} codec_in_format:=jpeg codec_sub_topic:=/image ` +
  'codec_out_mode:=shared_mem codec_out_format:=nv12 codec_pub_topic:=/hbmem_img';

const mipiCamera =
  'mipi_cam sends NV12 with the defaults of its launch file (mipi_io_method:=shared_mem mipi_out_format:=nv12) and ' +
  'with ros2 run only by -p io_method:=shared_mem -p out_format:=nv12';
const usbCamera = `hobot_usb_cam (pixel_format mjpeg) needs a decoder behind it: ${throughCodec('ros')}, where /image is the topic of the camera (ros2 launch rdk_yolo_seg yolo_seg.launch.py camera:=usb starts all)`;

/** How to get a camera onto the topic where none is. */
export const startCameraAdvice =
  'start a camera (ros2 launch mipi_cam mipi_cam.launch.py; a USB camera through hobot_codec; or rdk-yolo-seg camera)';

/** True for what cameras write into the encoding of an HbmMsg that holds a JPEG. */
export function isJpeg(encoding: string): boolean {
  return /^m?jpe?g$/i.test(encoding);
}

/** What is faster than a JPEG in an HbmMsg, which the CPU has to decode. */
export const jpegAdvice =
  'frames are JPEG and the CPU decodes them; hobot_codec between camera and node is faster, as the hardware does it: ' +
  `${throughCodec('shared_mem')}, with the camera on that codec_sub_topic instead of /hbmem_img`;

/** What to do about frames of this encoding; null where nothing is known of it. */
export function adviceForEncoding(encoding: string): string | null {
  if (/^(yuyv|uyvy|yuv|rgb|bgr|mono)/i.test(encoding)) return `${mipiCamera}; ${usbCamera}`;
  return null;
}
