// PNG to rows of grey, RGB or RGBA, by libpng.
#pragma once

#include "core/picture.h"

namespace rdk {

// Decodes into `scratch`. Throws CodedError `picture` where data is missing or corrupt.
Picture DecodePng(const Frame& frame, Scratch& scratch);

}  // namespace rdk
