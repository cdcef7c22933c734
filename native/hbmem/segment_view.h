// Our own view of a publisher's shared memory.
//
// rcl_take_loaned_message succeeds for samples in the publisher's memory and for copies alike, and rmw has no
// call that tells them apart. Fast DDS maps the data sharing segment of each publisher as a file
// fast_datasharing_*, so the sample's address decides.
//
// Fast DDS unmaps the segment when the publisher goes, even under a loaned sample: reading it then is a
// segmentation fault, and giving it back uses freed memory (measured with Fast DDS 2.14). Holding
// the loan protects nothing either: the publisher overwrites loaned samples. So the segment is mapped a
// second time, read-only, frames point into that mapping, and loans go back at once.
#pragma once

#include <rmw/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace rdk::hbmem {

// A second mapping of one segment; stays valid after the publisher and its file are gone.
class SegmentView {
 public:
  // Null where `address` does not lie in a data sharing segment or the kernel refuses the mapping.
  static std::shared_ptr<const SegmentView> Of(const void* address);
  SegmentView(const SegmentView&) = delete;
  SegmentView& operator=(const SegmentView&) = delete;
  ~SegmentView();

  bool Covers(const void* address) const;
  const uint8_t* Translate(const void* address) const;

 private:
  SegmentView(uintptr_t begin, size_t bytes, void* view) : begin_(begin), bytes_(bytes), view_(view) {}

  const uintptr_t begin_;
  const size_t bytes_;
  void* const view_;
};

// The views of the publishers seen of late. Used on the wait thread only.
class SegmentViews {
 public:
  // The view that covers a sample of this publisher, or null where its samples are copies. /proc/self/maps is
  // read at a publisher's first sample and when it sends from a new segment.
  std::shared_ptr<const SegmentView> Find(const void* sample, const rmw_gid_t& publisher);
  // Lets go of publishers that have been silent for long: a view pins their memory.
  void ForgetSilent();

 private:
  using Clock = std::chrono::steady_clock;
  struct Publisher {
    rmw_gid_t gid;
    std::shared_ptr<const SegmentView> view;
    Clock::time_point last_sample;
  };

  std::vector<Publisher> publishers_;
};

}  // namespace rdk::hbmem
