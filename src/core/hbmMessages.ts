/** The fixed-size image messages of hbm_img_msgs, which TROS's shared-memory cameras send; smallest first. */
export const hbmMessages = [
  { name: 'HbmMsg480P', widthPx: 640, heightPx: 480, capacityBytes: 921_600 },
  { name: 'HbmMsg540P', widthPx: 960, heightPx: 540, capacityBytes: 1_555_200 },
  { name: 'HbmMsg1080P', widthPx: 1920, heightPx: 1080, capacityBytes: 6_220_800 },
] as const;

/** One of these messages without its package: `HbmMsg480P`. */
export type HbmMessageName = (typeof hbmMessages)[number]['name'];

/** The same as ROS names the type: `hbm_img_msgs/msg/HbmMsg480P`. */
export type HbmType = `hbm_img_msgs/msg/${HbmMessageName}`;

/** Their names, smallest first. */
export const hbmMessageNames: readonly HbmMessageName[] = hbmMessages.map(({ name }) => name);

/** The type of a message as ROS names it. */
export function hbmTypeOf(name: HbmMessageName): HbmType {
  return `hbm_img_msgs/msg/${name}`;
}
