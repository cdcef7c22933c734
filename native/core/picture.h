// A frame of any format as planes that can be scaled, and its way into NV12.
#pragma once

#include "common/frame.h"
#include "core/pixels.h"

namespace rdk {

// Rows of interleaved channels.
struct Plane {
  const uint8_t* data = nullptr;
  int stride_bytes = 0;
  Size size;
  int channels = 1;
};

enum class Colours { kYuv, kGrey, kRgb, kBgr };

// kYuv: `main` is Y and `chroma` U and V interleaved, of any size. Else `main` is all of it.
struct Picture {
  Colours colours = Colours::kYuv;
  Plane main;
  Plane chroma;
  // Y runs from 0 to 255 whatever the camera's range is: JPEG and grey have it so.
  bool is_full_range = false;
};

// What is made of a picture: a target of one region, and, where its size is not 0, one of the whole.
struct Needed {
  Region region;
  Size of_region;
  Size of_whole;
};

// Makes a frame's picture ready to be scaled. Memory comes from `scratch` and holds until the next call;
// packed rows and NV12 stay where they are. A JPEG is decoded at 1/2, 1/4 or 1/8 of its size where that is
// whole and still at least what is needed. Throws CodedError `picture` for what cannot be decoded.
Picture OpenPicture(const Frame& frame, const Needed& needed, Scratch& scratch);

// A part of a picture of `source` pixels, which may have been decoded at less.
Picture PartOf(const Picture& picture, const Region& region, Size source);

// Scales a picture into NV12 of this range. Colour is scaled first and converted then, so that chroma is the
// mean of what the target shows.
void ScalePicture(const Picture& picture, const Nv12Target& target, Filter filter, YuvRange range,
                  Scratch& scratch);

}  // namespace rdk
