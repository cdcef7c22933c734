// Serialised messages of cameras: what is read lies inside of the message, byte for byte.
#include "common/coded_error.h"
#include "common/picture_message.h"

namespace {

void CheckInside(std::string_view part, const uint8_t* data, size_t bytes) {
  if (part.empty()) return;
  const auto* const begin = reinterpret_cast<const uint8_t*>(part.data());
  if (begin < data || begin + part.size() > data + bytes) __builtin_trap();
  // AddressSanitizer looks at every byte.
  uint8_t sum = 0;
  for (const char byte : part) sum = static_cast<uint8_t>(sum + static_cast<uint8_t>(byte));
  __asm__ volatile("" : : "r"(sum));
}

template <typename Read>
void Try(Read read, const uint8_t* data, size_t bytes) {
  try {
    const rdk::PictureMessage message = read();
    CheckInside(message.frame_id, data, bytes);
    CheckInside(message.encoding, data, bytes);
    CheckInside(message.data, data, bytes);
  } catch (const rdk::CodedError& error) {
    if (error.code() != rdk::ErrorCode::kSerializedForm) __builtin_trap();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t bytes) {
  constexpr size_t kCapacityBytes = 64;
  Try([&] { return rdk::ReadImage(data, bytes); }, data, bytes);
  Try([&] { return rdk::ReadCompressedImage(data, bytes); }, data, bytes);
  Try([&] { return rdk::ReadHbmMessage("hbm", kCapacityBytes, data, bytes); }, data, bytes);
  return 0;
}
