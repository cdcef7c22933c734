#include "hbmem/segment_view.h"

#include <sys/mman.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <utility>

namespace rdk::hbmem {
namespace {

constexpr auto kSilentAfter = std::chrono::seconds(2);

struct Range {
  uintptr_t begin = 0;
  uintptr_t end = 0;
};

Range FindSegment(uintptr_t address) {
  const std::unique_ptr<FILE, int (*)(FILE*)> maps(std::fopen("/proc/self/maps", "re"), std::fclose);
  if (!maps) return {};
  char line[512];
  while (std::fgets(line, sizeof(line), maps.get()) != nullptr) {
    Range range;
    if (std::sscanf(line, "%" SCNxPTR "-%" SCNxPTR, &range.begin, &range.end) != 2) continue;
    if (address < range.begin || address >= range.end) continue;
    return std::strstr(line, "fast_datasharing") != nullptr ? range : Range{};
  }
  return {};
}

bool SameGid(const rmw_gid_t& a, const rmw_gid_t& b) {
  return std::memcmp(a.data, b.data, sizeof(a.data)) == 0;
}

}  // namespace

std::shared_ptr<const SegmentView> SegmentView::Of(const void* address) {
  const Range range = FindSegment(reinterpret_cast<uintptr_t>(address));
  if (range.end == 0) return nullptr;
  const size_t bytes = range.end - range.begin;
  // An old size of 0 asks for a second mapping of the same shared pages. Unlike opening the file by its name
  // this cannot meet another file, nor one that has been removed.
  void* view = mremap(reinterpret_cast<void*>(range.begin), 0, bytes, MREMAP_MAYMOVE);
  if (view == MAP_FAILED) return nullptr;
  // Read-only is a safety net: a view that stays writable still works.
  static_cast<void>(mprotect(view, bytes, PROT_READ));
  return std::shared_ptr<const SegmentView>(new SegmentView(range.begin, bytes, view));
}

SegmentView::~SegmentView() { munmap(view_, bytes_); }

bool SegmentView::Covers(const void* address) const {
  const auto at = reinterpret_cast<uintptr_t>(address);
  return at >= begin_ && at - begin_ < bytes_;
}

const uint8_t* SegmentView::Translate(const void* address) const {
  return static_cast<const uint8_t*>(view_) + (reinterpret_cast<uintptr_t>(address) - begin_);
}

std::shared_ptr<const SegmentView> SegmentViews::Find(const void* sample, const rmw_gid_t& publisher) {
  const auto now = Clock::now();
  for (Publisher& known : publishers_) {
    if (!SameGid(known.gid, publisher)) continue;
    known.last_sample = now;
    if (known.view && !known.view->Covers(sample)) known.view = SegmentView::Of(sample);
    return known.view;
  }
  ForgetSilent();
  publishers_.push_back({publisher, SegmentView::Of(sample), now});
  return publishers_.back().view;
}

void SegmentViews::ForgetSilent() {
  const auto limit = Clock::now() - kSilentAfter;
  const auto silent = [limit](const Publisher& publisher) { return publisher.last_sample < limit; };
  publishers_.erase(std::remove_if(publishers_.begin(), publishers_.end(), silent), publishers_.end());
}

}  // namespace rdk::hbmem
