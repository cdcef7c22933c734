// JPEG to planes of YUV, by libjpeg.
#pragma once

#include <memory>

#include "core/picture.h"

namespace rdk {

// One thread at a time. What libjpeg keeps between pictures is kept here.
class JpegDecoder {
 public:
  JpegDecoder();
  ~JpegDecoder();
  JpegDecoder(const JpegDecoder&) = delete;
  JpegDecoder& operator=(const JpegDecoder&) = delete;

  // Decodes into `scratch`, at 1/2, 1/4 or 1/8 of the size where that is whole and still at least what is
  // needed. Chroma comes as it is stored: it is scaled once, into the target. Throws CodedError `picture`
  // where data is missing or corrupt, or the colours are neither YCbCr nor grey.
  Picture Decode(const Frame& frame, const Needed& needed, Scratch& scratch);

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

}  // namespace rdk
