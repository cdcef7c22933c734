// Counts the messages that a publisher sent and that never reached this subscription.
#pragma once

#include <rmw/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace rdk::hbmem {

// The middleware numbers the messages of each publisher, so that a gap is known for what it is; the frame
// counter inside of an HbmMsg is the camera's own affair (some never write it, some leave numbers out).
// Used on the wait thread only.
class PublicationGaps {
 public:
  static bool Numbered(const rmw_message_info_t& info) {
    return info.publication_sequence_number != RMW_MESSAGE_INFO_SEQUENCE_NUMBER_UNSUPPORTED;
  }

  // Messages missing between this one and the one taken before from the same publisher.
  uint64_t Missing(const rmw_message_info_t& info) {
    const uint64_t number = info.publication_sequence_number;
    for (Publisher& known : publishers_) {
      if (!known.seen || std::memcmp(known.gid.data, info.publisher_gid.data, sizeof(known.gid.data)) != 0)
        continue;
      if (number <= known.last) return 0;
      const uint64_t missing = number - known.last - 1;
      known.last = number;
      return missing;
    }
    publishers_[next_] = {info.publisher_gid, number, true};
    next_ = (next_ + 1) % publishers_.size();
    return 0;
  }

 private:
  struct Publisher {
    rmw_gid_t gid;
    uint64_t last = 0;
    bool seen = false;
  };
  // As many cameras of one topic as are remembered. The counting of a further one begins anew whenever it
  // was forgotten.
  std::array<Publisher, 8> publishers_{};
  size_t next_ = 0;
};

}  // namespace rdk::hbmem
