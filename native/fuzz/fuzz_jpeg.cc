#include "fuzz/compressed_picture.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t bytes) {
  rdk::fuzz::TakePicture(rdk::PixelFormat::kJpeg, data, bytes);
  return 0;
}
