#include "fakednn/violations.h"

#include <cstdio>
#include <cstdlib>

namespace rdk::fakednn {
namespace {

constexpr size_t kMaxTexts = 1000;

}  // namespace

void Violations::Report(const std::string& text) {
  ++count_;
  if (texts_.size() < kMaxTexts) {
    texts_.push_back(text);
    std::fprintf(stderr, "[fakednn] violation: %s\n", text.c_str());
  }
  if (is_strict_) std::abort();
}

const char* Violations::TextOf(int64_t index) const {
  return index >= 0 && static_cast<size_t>(index) < texts_.size() ? texts_[static_cast<size_t>(index)].c_str()
                                                                  : "";
}

}  // namespace rdk::fakednn
